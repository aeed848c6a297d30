import { describe, expect, it } from "vitest";
import type { Credentials } from "../../../src/kubernetes/login/credentials.ts";
import type { UserEntry } from "../../../src/kubernetes/login/kubeconfig-file.ts";
import { userCredentials } from "../../../src/kubernetes/login/user-credentials.ts";
import { temporaryDirectory } from "../temporary.ts";

const never = new AbortController().signal;

function credentials(value: UserEntry, file = "/home/me/.kube/config"): Credentials {
  return userCredentials({ name: "admin", file, value }, {}, {});
}

describe("a kubeconfig's user", () => {
  it("logs in with a token", async () => {
    const given = credentials({ token: "abc\n" });
    expect((await given.present(never)).authorization).toBe("Bearer abc");
    expect(given.description).toBe('the token of user "admin"');
    expect(given.renew()).toBe(false);
  });

  it("logs in with a token file beside the kubeconfig, which wins over a token", async () => {
    using directory = temporaryDirectory();
    directory.write("token", "from-file");
    const given = credentials({ token: "old", tokenFile: "token" }, `${directory.path}/config`);
    expect((await given.present(never)).authorization).toBe("Bearer from-file");
    expect(given.renew()).toBe(true);
  });

  it("logs in with name and password", async () => {
    const { authorization } = await credentials({ username: "me", password: "pass" }).present(never);
    expect(authorization).toBe(`Basic ${Buffer.from("me:pass").toString("base64")}`);
  });

  it("shows a client certificate, from data or from files, also beside a token", async () => {
    using directory = temporaryDirectory();
    directory.write("key.pem", "KEY");
    const given = credentials(
      {
        token: "abc",
        "client-certificate-data": Buffer.from("CERT").toString("base64"),
        "client-key": "key.pem",
      },
      `${directory.path}/config`,
    );
    expect(await given.present(never)).toEqual({ authorization: "Bearer abc", cert: "CERT", key: "KEY" });
  });

  it("goes without credentials where the user has none", async () => {
    expect(await credentials({}).present(never)).toEqual({ authorization: null, cert: null, key: null });
    expect(await userCredentials(null, {}, {}).present(never)).toEqual({
      authorization: null,
      cert: null,
      key: null,
    });
  });

  it.each<[UserEntry, string]>([
    [{ token: "abc", username: "me" }, "has more than one way to log in: token, username and password"],
    [{ tokenFile: "t", exec: { command: "x" } }, "has more than one way to log in: token, exec"],
    [{ "client-certificate-data": "QQ==" }, "has no client-key for its other half"],
    [{ "client-key": "key" }, "has no client-certificate for its other half"],
    [{ "client-key": "key", "client-key-data": "QQ==" }, "has both client-key and client-key-data"],
    [{ "auth-provider": { name: "oidc" } }, "logs in with auth-provider oidc, which is not supported"],
    [{ token: "abc", as: "root" }, "impersonates somebody"],
    [{ token: "abc", "as-groups": ["system:masters"] }, "impersonates somebody"],
  ])("is refused when it contradicts itself or wants what there is not: %o", (entry, message) => {
    expect(() => credentials(entry)).toThrow(message);
  });

  it("refuses a token that no header can carry, without saying it", async () => {
    await expect(credentials({ token: "s3cret line\nother" }).present(never)).rejects.toMatchObject({
      code: "usage",
      message:
        'the token of user "admin" cannot be sent: it is empty or has white space or control characters',
    });
  });
});
