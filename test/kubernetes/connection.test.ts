import { mkdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConnection } from "../../src/kubernetes/connection.ts";
import { kubernetesSettings } from "./api-server.ts";
import { type Authority, createAuthority } from "../support/certificates.ts";
import { rejection, type TemporaryDirectory, temporaryDirectory } from "./temporary.ts";

const never = new AbortController().signal;

let authority: Authority;
beforeAll(() => {
  authority = createAuthority();
});
afterAll(() => authority[Symbol.dispose]());

function kubeconfig(directory: TemporaryDirectory, cluster: object, user: object = {}): string {
  const config = {
    "current-context": "shop",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
    contexts: [{ name: "shop", context: { cluster: "c", user: "u" } }],
  };
  return directory.write("config", JSON.stringify(config));
}

describe("connection from a kubeconfig", () => {
  it("takes server, authority, name and credentials", async () => {
    using directory = temporaryDirectory();
    directory.write("ca.crt", authority.cert);
    const cluster = {
      server: "https://shop:6443/k8s",
      "certificate-authority": "ca.crt",
      "tls-server-name": "other",
    };
    const file = kubeconfig(directory, cluster, { token: "abc" });
    const connection = await loadConnection(kubernetesSettings({ kubeconfig: [file] }), {});
    expect(connection.server.href).toBe("https://shop:6443/k8s");
    expect(connection).toMatchObject({ name: "shop", serverName: "other", isVerified: true });
    expect(await connection.authority?.read()).toBe(authority.cert.trim());
    expect((await connection.credentials.present(never)).authorization).toBe("Bearer abc");
  });

  it("takes an authority from data", async () => {
    using directory = temporaryDirectory();
    const data = Buffer.from(authority.cert).toString("base64");
    const file = kubeconfig(directory, { server: "https://shop:6443", "certificate-authority-data": data });
    const connection = await loadConnection(kubernetesSettings({ kubeconfig: [file] }), {});
    expect(await connection.authority?.read()).toBe(authority.cert.trim());
  });

  it("looks for the usual file in HOME", async () => {
    using directory = temporaryDirectory();
    mkdirSync(`${directory.path}/.kube`);
    directory.write(
      ".kube/config",
      readFileSync(kubeconfig(directory, { server: "https://shop:6443" }), "utf8"),
    );
    const connection = await loadConnection(kubernetesSettings(), { HOME: directory.path });
    expect(connection.server.host).toBe("shop:6443");
  });

  it("lets token, CA file and the insecure flag outrank it", async () => {
    using directory = temporaryDirectory();
    const file = kubeconfig(
      directory,
      { server: "https://shop:6443" },
      { "auth-provider": { name: "oidc" } },
    );
    const given = kubernetesSettings({ kubeconfig: [file], token: "given", caFile: authority.certFile });
    const connection = await loadConnection(given, {});
    expect((await connection.credentials.present(never)).authorization).toBe("Bearer given");
    expect(await connection.authority?.read()).toBe(authority.cert.trim());
    const insecure = await loadConnection({ ...given, insecureSkipTlsVerify: true }, {});
    expect(insecure).toMatchObject({ isVerified: false, authority: null });
  });

  it("does not run the exec plugin", async () => {
    using directory = temporaryDirectory();
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "no-such-login-helper" };
    const file = kubeconfig(directory, { server: "https://shop:6443" }, { exec });
    await loadConnection(kubernetesSettings({ kubeconfig: [file] }), {});
  });

  it.each([
    [
      { server: "https://shop", "proxy-url": "http://proxy:3128" },
      "wants a proxy (proxy-url), which is not supported",
    ],
    [{ server: "shop:6443" }, 'has no usable server address: "shop:6443"'],
    [{}, 'has no usable server address: ""'],
    [{ server: "https://me:s3cret@shop" }, "has a user name in its server address"],
    [
      { server: "https://shop", "insecure-skip-tls-verify": true, "certificate-authority": "ca.crt" },
      "has both a certificate authority and insecure-skip-tls-verify",
    ],
    [{ server: "https://shop", "certificate-authority": "none.crt" }, "none.crt does not exist"],
    [{ server: "https://shop", "certificate-authority-data": "Z2FyYmFnZQ==" }, "not usable PEM"],
  ])("refuses the cluster %o", async (cluster, message) => {
    using directory = temporaryDirectory();
    const file = kubeconfig(directory, cluster);
    const error = await rejection(loadConnection(kubernetesSettings({ kubeconfig: [file] }), {}));
    expect(error.code).toBe("usage");
    expect(error.message).toContain(message);
    expect(error.hint).toBeTruthy();
    expect(error.message).not.toContain("s3cret");
  });

  it("refuses a client key that belongs to another certificate", async () => {
    using directory = temporaryDirectory();
    const [one, other] = [authority.issue("DNS:one"), authority.issue("DNS:other")];
    const user = { "client-certificate": "cert.pem", "client-key": "key.pem" };
    directory.write("cert.pem", one.cert);
    directory.write("key.pem", other.key);
    const file = kubeconfig(directory, { server: "https://shop" }, user);
    const error = await rejection(loadConnection(kubernetesSettings({ kubeconfig: [file] }), {}));
    expect(error.message).toContain("the client key does not belong to its certificate");
  });

  it("does not send credentials in clear over a network", async () => {
    using directory = temporaryDirectory();
    const file = kubeconfig(directory, { server: "http://shop:8080" }, { token: "abc" });
    const error = await rejection(loadConnection(kubernetesSettings({ kubeconfig: [file] }), {}));
    expect(error).toMatchObject({ code: "usage" });
    expect(error.message).toContain('the token of user "u" would cross the network in clear');
    const local = kubernetesSettings({ server: "http://127.0.0.1:8001", token: "abc" });
    expect((await loadConnection(local, {})).server.port).toBe("8001");
  });
});

describe("connection without a kubeconfig", () => {
  it("goes to the named server and reads no kubeconfig", async () => {
    const given = kubernetesSettings({
      server: "https://shop:6443",
      kubeconfig: ["/does/not/exist"],
      token: "abc",
    });
    const connection = await loadConnection(given, {});
    expect(connection).toMatchObject({ name: "shop:6443", serverName: null, authority: null });
    expect(connection.credentials.description).toBe("the token that was given");
  });

  it("uses the pod's service account, whose token is read from its file", async () => {
    using directory = temporaryDirectory();
    directory.write("token", "pod-token");
    directory.write("ca.crt", authority.cert);
    const variables = {
      HOME: directory.path,
      KUBERNETES_SERVICE_HOST: "fd00::1",
      KUBERNETES_SERVICE_PORT: "6443",
    };
    const connection = await loadConnection(kubernetesSettings(), variables, directory.path);
    expect(connection.server.origin).toBe("https://[fd00::1]:6443");
    expect(connection.name).toBe("in-cluster");
    expect((await connection.credentials.present(never)).authorization).toBe("Bearer pod-token");
    expect(connection.credentials.renew()).toBe(true);
  });

  it("says that no cluster is named where there is neither", async () => {
    using directory = temporaryDirectory();
    const error = await rejection(
      loadConnection(kubernetesSettings(), { HOME: directory.path }, directory.path),
    );
    expect(error).toMatchObject({ code: "usage" });
    expect(error.message).toContain(
      `there is no ${directory.path}/.kube/config, and this is not inside a pod`,
    );
  });
});
