import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Credentials } from "../../../src/kubernetes/login/credentials.ts";
import { execCredentials } from "../../../src/kubernetes/login/exec-credentials.ts";
import { runPlugin } from "../../../src/kubernetes/login/exec-plugin.ts";
import type { ExecEntry } from "../../../src/kubernetes/login/kubeconfig-file.ts";
import { rejection, type TemporaryDirectory, temporaryDirectory } from "../temporary.ts";

const V1 = "client.authentication.k8s.io/v1";
const never = new AbortController().signal;

/** A plugin in shell: notes its environment and every run, then does what the test says. */
function plugin(directory: TemporaryDirectory, does: string, entry: Partial<ExecEntry> = {}): Credentials {
  const script = `#!/bin/sh\necho run >> '${directory.path}/runs'\nprintf '%s' "$KUBERNETES_EXEC_INFO" > '${directory.path}/info'\n${does}\n`;
  directory.write("login", script, 0o700);
  const value: ExecEntry = { apiVersion: V1, command: "./login", ...entry };
  const located = { name: "admin", file: `${directory.path}/config`, value };
  return execCredentials(
    located,
    { server: "https://shop:6443" },
    { PATH: process.env["PATH"], OUTSIDE: "outside" },
  );
}

function answer(status: object, apiVersion = V1): string {
  return `printf '%s' '${JSON.stringify({ apiVersion, kind: "ExecCredential", status })}'`;
}

function runs(directory: TemporaryDirectory): number {
  return readFileSync(`${directory.path}/runs`, "utf8").split("\n").length - 1;
}

describe("exec plugin", () => {
  it("gives a token and is told of the cluster when it wants to be", async () => {
    using directory = temporaryDirectory();
    const credentials = plugin(directory, answer({ token: "abc" }), { provideClusterInfo: true });
    expect((await credentials.present(never)).authorization).toBe("Bearer abc");
    expect(JSON.parse(readFileSync(`${directory.path}/info`, "utf8"))).toEqual({
      apiVersion: V1,
      kind: "ExecCredential",
      spec: { interactive: false, cluster: { server: "https://shop:6443" } },
    });
  });

  it("is not told of the cluster unasked", async () => {
    using directory = temporaryDirectory();
    await plugin(directory, answer({ token: "abc" })).present(never);
    expect(readFileSync(`${directory.path}/info`, "utf8")).toContain('"spec":{"interactive":false}');
  });

  it("speaks v1beta1, gets arguments and variables, its own before the process's", async () => {
    using directory = temporaryDirectory();
    const version = "client.authentication.k8s.io/v1beta1";
    const does = `printf '{"apiVersion":"${version}","kind":"ExecCredential","status":{"token":"%s-%s-%s"}}' "$1" "$INSIDE" "$OUTSIDE"`;
    const credentials = plugin(directory, does, {
      apiVersion: version,
      args: ["argument"],
      env: [{ name: "INSIDE", value: "inside" }],
    });
    expect((await credentials.present(never)).authorization).toBe("Bearer argument-inside-outside");
  });

  it("gives a client certificate", async () => {
    using directory = temporaryDirectory();
    const credentials = plugin(directory, answer({ clientCertificateData: "CERT", clientKeyData: "KEY" }));
    expect(await credentials.present(never)).toEqual({ authorization: null, cert: "CERT", key: "KEY" });
  });

  it("is run once until its credentials expire or are refused", async () => {
    using directory = temporaryDirectory();
    const expirationTimestamp = new Date(Date.now() + 3_600_000).toISOString();
    const credentials = plugin(directory, answer({ token: "abc", expirationTimestamp }));
    await credentials.present(never);
    await credentials.present(never);
    expect(runs(directory)).toBe(1);
    expect(credentials.renew()).toBe(true);
    await credentials.present(never);
    expect(runs(directory)).toBe(2);
  });

  it("is run again when its credentials have expired", async () => {
    using directory = temporaryDirectory();
    const expirationTimestamp = new Date(Date.now() + 2000).toISOString();
    const credentials = plugin(directory, answer({ token: "abc", expirationTimestamp }));
    await credentials.present(never);
    await credentials.present(never);
    expect(runs(directory)).toBe(2);
  });

  it("is named, with the kubeconfig's own hint, when it is not installed", async () => {
    using directory = temporaryDirectory();
    const entry = { command: "no-such-login-helper", installHint: "install it from example.com" };
    const error = await rejection(plugin(directory, "", entry).present(never));
    expect(error).toMatchObject({ code: "usage", hint: "install it from example.com" });
    expect(error.message).toContain('"no-such-login-helper"');
    expect(error.message).toContain("is not installed or not in PATH");
  });

  it("fails with its last words, tokens blotted out, arguments unsaid", async () => {
    using directory = temporaryDirectory();
    const long = "x".repeat(60);
    const does = `echo noise >&2; echo "session expired for ${long}" >&2; exit 3`;
    const error = await rejection(
      plugin(directory, does, { args: ["--client-secret=s3cret"] }).present(never),
    );
    expect(error).toMatchObject({ code: "unreachable", retryable: true });
    expect(error.message).toContain("failed with exit status 3: session expired for […]");
    expect(`${error.message}${error.hint ?? ""}`).not.toMatch(/s3cret|xxxx/);
  });

  it.each([
    ["nothing", "true", "the output"],
    ["no JSON", "echo token", "the output"],
    ["another version", answer({ token: "abc" }, "client.authentication.k8s.io/v1beta1"), "apiVersion"],
    ["no credential", answer({}), "neither a token nor a client certificate"],
    [
      "half a certificate",
      answer({ clientCertificateData: "CERT" }),
      "neither a token nor a client certificate",
    ],
    ["a token of two lines", answer({ token: "s3cret\nvalue" }), "status.token"],
  ])("is refused when it prints %s", async (_, does, message) => {
    using directory = temporaryDirectory();
    const error = await rejection(plugin(directory, does).present(never));
    expect(error.message).toContain("gave an unusable answer");
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("s3cret");
  });

  it.each([
    [
      { apiVersion: "client.authentication.k8s.io/v1alpha1" },
      "has apiVersion client.authentication.k8s.io/v1alpha1",
    ],
    [{ apiVersion: null }, "has no apiVersion"],
    [{ command: "" }, "names no command"],
    [{ interactiveMode: "Always" }, "wants a terminal"],
  ])("is refused before it runs: %o", (entry, message) => {
    using directory = temporaryDirectory();
    expect(() => plugin(directory, "", entry)).toThrow(message);
  });

  it("is ended when it takes too long", async () => {
    using directory = temporaryDirectory();
    const command = directory.write("slow", "#!/bin/sh\nsleep 600\n", 0o700);
    const call = { command, args: [], env: { PATH: process.env["PATH"] }, installHint: null };
    const error = await rejection(runPlugin(call, never, 100));
    expect(error.message).toContain("did not end within 0.1 s");
  });

  it("is ended when the signal fires, with the signal's reason", async () => {
    using directory = temporaryDirectory();
    const controller = new AbortController();
    const does = "sleep 600";
    const presented = plugin(directory, does).present(controller.signal);
    controller.abort(new Error("enough"));
    await expect(presented).rejects.toThrow("enough");
  });
});
