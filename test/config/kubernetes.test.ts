import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCollectorSettings } from "../../src/config/collector.ts";
import { makeInput, thrownBy } from "./make-input.ts";

function load(environment: Record<string, string>, flags: Record<string, unknown> = {}) {
  return loadCollectorSettings(makeInput({ environment: { KAFKA_ENABLED: "true", ...environment }, flags }));
}

describe("Kubernetes settings", () => {
  it("take KUBECONFIG as a list of paths", () => {
    const { kubeconfig } = load({ KUBECONFIG: "/a:~/b::/c" }).settings.kubernetes;
    expect(kubeconfig).toEqual(["/a", join(homedir(), "b"), "/c"]);
  });

  it("prefer a named server to KUBECONFIG in the environment, which is there for good on many machines", () => {
    const { settings } = load({ KUBECONFIG: "/a", CLUSTERFLOW_KUBE_SERVER: "http://127.0.0.1:8001/" });
    expect(settings.kubernetes.server).toBe("http://127.0.0.1:8001");
  });

  it("prefer a kubeconfig named on the command line, and then keep the other server's token to themselves", () => {
    const environment = {
      CLUSTERFLOW_KUBE_SERVER: "https://h:6443",
      CLUSTERFLOW_KUBE_TOKEN: "t",
      CLUSTERFLOW_KUBE_CA_FILE: "/ca",
    };
    const { settings, notices } = load(environment, { kubeconfig: "/mine" });
    expect(settings.kubernetes).toMatchObject({
      kubeconfig: ["/mine"],
      server: null,
      token: null,
      caFile: null,
    });
    expect(notices).toHaveLength(1);
    expect(load(environment, { kubeContext: "mine" }).settings.kubernetes.server).toBeNull();
  });

  it("refuse a server and a kubeconfig together on the command line", () => {
    const flags = { kubeServer: "https://h:6443", kubeconfig: "/a" };
    expect(thrownBy(() => load({}, flags)).message).toContain("--kube-server does without a kubeconfig");
  });

  it("take flags without a value", () => {
    expect(load({}, { kubeInsecureSkipTlsVerify: true }).settings.kubernetes.insecureSkipTlsVerify).toBe(
      true,
    );
  });

  it.each(["ftp://h", "h:6443", "https://u:p@h", "https://h?x=1"])("refuse the server %s", (server) => {
    expect(thrownBy(() => load({ CLUSTERFLOW_KUBE_SERVER: server })).message).toContain(
      "wanted is an address such as",
    );
  });
});
