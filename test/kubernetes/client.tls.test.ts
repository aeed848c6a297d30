import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sendJson, serve } from "./api-server.ts";
import { type Authority, createAuthority, type Pair } from "../support/certificates.ts";
import { reader } from "./reader.ts";
import { rejection, temporaryDirectory } from "./temporary.ts";

const PODS = { path: () => "/api/v1/pods" };

let authority: Authority;
let local: Pair;
beforeAll(() => {
  authority = createAuthority();
  local = authority.issue("IP:127.0.0.1");
});
afterAll(() => authority[Symbol.dispose]());

describe("TLS", () => {
  it("trusts a server whose certificate the given CA signed", async () => {
    await using server = await serve((_, response) => sendJson(response, {}), { tls: local });
    using own = await reader({ server: server.url, caFile: authority.certFile });
    expect((await own.client.get(PODS)).kind).toBe("ok");
  });

  it("does not trust it without the CA: told at once, with what to set", async () => {
    await using server = await serve((_, response) => sendJson(response, {}), { tls: local });
    using own = await reader({ server: server.url }, { giveUpAfterMs: null });
    const error = await rejection(own.client.get(PODS));
    expect(error).toMatchObject({ code: "unreachable", vendorCode: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    expect(error.message).toContain("is signed by an authority that is not trusted here");
    expect(error.hint).toContain("--kube-ca-file");
    expect(server.requests.length).toBe(0);
  });

  it("does not trust a certificate for another name, and says for which", async () => {
    const tls = authority.issue("DNS:kubernetes,DNS:shop.example.com");
    await using server = await serve((_, response) => sendJson(response, {}), { tls });
    using own = await reader({ server: server.url, caFile: authority.certFile }, { giveUpAfterMs: null });
    const error = await rejection(own.client.get(PODS));
    expect(error.message).toContain("is for DNS:kubernetes, DNS:shop.example.com, not for 127.0.0.1");
    expect(error.hint).toContain("tls-server-name");
  });

  it("accepts that name as tls-server-name", async () => {
    using directory = temporaryDirectory();
    const tls = authority.issue("DNS:kubernetes");
    await using server = await serve((_, response) => sendJson(response, {}), { tls });
    const cluster = {
      server: server.url,
      "certificate-authority-data": Buffer.from(authority.cert).toString("base64"),
      "tls-server-name": "kubernetes",
    };
    const config = {
      clusters: [{ name: "c", cluster }],
      contexts: [{ name: "c", context: { cluster: "c" } }],
    };
    const file = directory.write("config", JSON.stringify(config));
    using own = await reader({ kubeconfig: [file], context: "c" });
    expect((await own.client.get(PODS)).kind).toBe("ok");
  });

  it("does not trust a certificate that has expired", async () => {
    const tls = authority.issue("IP:127.0.0.1", { from: "20200101000000Z", to: "20210101000000Z" });
    await using server = await serve((_, response) => sendJson(response, {}), { tls });
    using own = await reader({ server: server.url, caFile: authority.certFile }, { giveUpAfterMs: null });
    const error = await rejection(own.client.get(PODS));
    expect(error.message).toContain("its certificate has expired");
  });

  it("verifies nothing when told to", async () => {
    await using server = await serve((_, response) => sendJson(response, {}), { tls: local });
    using own = await reader({ server: server.url, insecureSkipTlsVerify: true });
    expect((await own.client.get(PODS)).kind).toBe("ok");
  });

  it("shows the client certificate of the kubeconfig", async () => {
    using directory = temporaryDirectory();
    const client = authority.issue("DNS:collector");
    const tls = { ...local, ca: authority.cert, requestCert: true };
    await using server = await serve(
      (_, response) => {
        const socket = response.socket as TLSSocket;
        sendJson(response, { shown: socket.getPeerCertificate().subject.CN, isTrusted: socket.authorized });
      },
      { tls },
    );
    const config = {
      "current-context": "c",
      clusters: [{ name: "c", cluster: { server: server.url, "certificate-authority": authority.certFile } }],
      users: [{ name: "u", user: { "client-certificate": "cert.pem", "client-key": "key.pem" } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    };
    directory.write("cert.pem", client.cert);
    directory.write("key.pem", client.key);
    using own = await reader({ kubeconfig: [directory.write("config", JSON.stringify(config))] });
    expect(await own.client.get(PODS)).toMatchObject({
      body: { shown: expect.stringMatching(/^issued-/) as string, isTrusted: true },
    });
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "says that the server wants a client certificate: %s",
    async (maxVersion) => {
      const tls = { ...local, ca: authority.cert, requestCert: true, rejectUnauthorized: true, maxVersion };
      await using server = await serve((_, response) => sendJson(response, {}), { tls });
      using own = await reader({ server: server.url, caFile: authority.certFile }, { giveUpAfterMs: null });
      const error = await rejection(own.client.get(PODS));
      expect(error.code).toBe("unreachable");
      expect(error.hint).toContain("client-certificate");
    },
  );

  it("says that a server does not speak TLS", async () => {
    await using server = await serve((_, response) => sendJson(response, {}));
    using own = await reader({ server: server.url.replace("http:", "https:") }, { giveUpAfterMs: null });
    const error = await rejection(own.client.get(PODS));
    expect(error.message).toContain("it does not speak TLS");
    expect(error.hint).toContain("http://");
  });

  it("retries a handshake that was cut off", async () => {
    await using server = await serve((_, response) => sendJson(response, {}), { tls: local });
    let connections = 0;
    const gate = createServer((socket) => {
      if (++connections === 1) return void socket.destroy();
      const onward = connect(server.port, "127.0.0.1");
      for (const side of [socket, onward]) side.on("error", () => undefined);
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => gate.listen(0, "127.0.0.1", resolve));
    const { port } = gate.address() as AddressInfo;
    using own = await reader({ server: `https://127.0.0.1:${port}`, caFile: authority.certFile });
    expect((await own.client.get(PODS)).kind).toBe("ok");
    expect(own.reports.map(({ kind }) => kind)).toEqual(["waiting", "resumed"]);
    own.client[Symbol.dispose]();
    await new Promise((resolve) => gate.close(resolve));
  });
});
