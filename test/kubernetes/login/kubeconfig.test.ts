import { describe, expect, it } from "vitest";
import { chooseContext, loadKubeconfig, pathOf } from "../../../src/kubernetes/login/kubeconfig.ts";
import { rejection, temporaryDirectory } from "../temporary.ts";

const FIRST = `
apiVersion: v1
kind: Config
current-context: ""
clusters:
  - name: shop
    cluster: { server: "https://first:6443", certificate-authority: ca.crt }
contexts:
  - name: production
    context: { cluster: shop, user: admin }
users: null
`;
const SECOND = `
current-context: staging
clusters:
  - name: shop
    cluster: { server: "https://second:6443", tls-server-name: other }
  - name: lab
    cluster: { server: "https://lab:6443" }
contexts:
  - name: staging
    context: { cluster: lab, user: admin }
  - name: nobody
    context: { cluster: lab }
  - name: broken
    context: { cluster: gone, user: admin }
  - name: userless
    context: { cluster: lab, user: gone }
users:
  - name: admin
    user: { token: s3cret }
`;

describe("kubeconfig", () => {
  it("merges several files: the first to name an entry wins, whole, and the first current-context that is set", async () => {
    using home = temporaryDirectory();
    const files = [home.write("a", FIRST), home.write("b", SECOND)];
    const config = await loadKubeconfig(files);
    expect(config.currentContext).toBe("staging");
    expect(config.clusters.get("shop")?.value).toEqual({
      server: "https://first:6443",
      "certificate-authority": "ca.crt",
    });
    const chosen = chooseContext(config, "production");
    expect(chosen.user?.file).toBe(files[1]);
    expect(pathOf(chosen.cluster, "ca.crt")).toBe(`${home.path}/ca.crt`);
  });

  it("passes over missing files as long as one is there", async () => {
    using home = temporaryDirectory();
    const config = await loadKubeconfig([`${home.path}/none`, home.write("b", SECOND)]);
    expect(chooseContext(config, null).cluster.value.server).toBe("https://lab:6443");
    const error = await rejection(loadKubeconfig([`${home.path}/none`]));
    expect(error.message).toBe(`there is no kubeconfig at ${home.path}/none`);
    expect(error.code).toBe("usage");
  });

  it("reads a kubeconfig that is JSON, and an empty one", async () => {
    using home = temporaryDirectory();
    const json = home.write(
      "json",
      JSON.stringify({ "current-context": "x", contexts: [{ name: "x", context: null }] }),
    );
    expect((await loadKubeconfig([json])).currentContext).toBe("x");
    expect((await loadKubeconfig([home.write("empty", "")])).contexts.size).toBe(0);
  });

  it("names the line that is not YAML, without quoting it", async () => {
    using home = temporaryDirectory();
    const file = home.write("config", "users:\n  - name: a\n    user: {token: s3cret-VALUE\nclusters: []\n");
    const error = await rejection(loadKubeconfig([file]));
    expect(error.message).toMatch(/^kubeconfig .*config is not YAML: line [34]: /);
    expect(`${error.message}${error.hint ?? ""}`).not.toContain("s3cret");
  });

  it("names the field that has the wrong shape, without its value", async () => {
    using home = temporaryDirectory();
    const file = home.write("config", "users:\n  - name: a\n    user: {token: 12345678}\n");
    const error = await rejection(loadKubeconfig([file]));
    expect(error.message).toContain("users.0.user.token");
    expect(error.message).not.toContain("12345678");
  });

  it("says that a directory is not a kubeconfig", async () => {
    using home = temporaryDirectory();
    expect((await rejection(loadKubeconfig([home.path]))).message).toBe(
      `kubeconfig ${home.path} is a directory`,
    );
  });

  it("answers an unknown context with the known ones and the nearest", async () => {
    using home = temporaryDirectory();
    const config = await loadKubeconfig([home.write("a", FIRST), home.write("b", SECOND)]);
    const error = await rejection(new Promise((resolve) => resolve(chooseContext(config, "prodution"))));
    expect(error.message).toContain('there is no context "prodution"');
    expect(error.message).toContain("known: production, staging, nobody, broken, userless");
    expect(error.hint).toBe("did you mean --kube-context production?");
  });

  it.each([
    ["broken", 'context "broken" in FILE names the cluster "gone", which is not defined'],
    ["userless", 'context "userless" in FILE names the user "gone", which is not defined'],
  ])("names what the context %s refers to in vain", async (context, message) => {
    using home = temporaryDirectory();
    const file = home.write("b", SECOND);
    const config = await loadKubeconfig([file]);
    expect(() => chooseContext(config, context)).toThrow(message.replace("FILE", file));
  });

  it("goes without a user where the context names none", async () => {
    using home = temporaryDirectory();
    expect(chooseContext(await loadKubeconfig([home.write("b", SECOND)]), "nobody").user).toBeNull();
  });

  it("asks for another file or a server where there is no context", async () => {
    using home = temporaryDirectory();
    const config = await loadKubeconfig([home.write("empty", "")]);
    for (const named of [null, "prod"]) {
      const error = await rejection(new Promise((resolve) => resolve(chooseContext(config, named))));
      expect(error.message).toMatch(/^there is no context in .*empty$/);
      expect(error.hint).toBe("name another file with --kubeconfig, or a server with --kube-server");
    }
  });

  it("asks for a context where none is current", async () => {
    using home = temporaryDirectory();
    const config = await loadKubeconfig([home.write("a", FIRST)]);
    const error = await rejection(new Promise((resolve) => resolve(chooseContext(config, null))));
    expect(error.hint).toBe("choose with --kube-context: production");
  });
});
