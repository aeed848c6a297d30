import type { IdOf } from "./catalogue.ts";
import type { Findings } from "./findings.ts";
import { parseBoolean, parsePageSize, parsePath, parsePaths, parseServerUrl } from "./parsers.ts";
import type { KubernetesSettings } from "./parts.ts";
import type { Values } from "./sources/resolve.ts";

/** Whether the files exist and the server answers is found out where they are used. */
export function parseKubernetes(
  values: Values<"kubernetes">,
  directory: string,
  findings: Findings,
): KubernetesSettings {
  return {
    kubeconfig: values.parse("kubeconfig", parsePaths(directory)) ?? [],
    context: values.text("kubeContext"),
    ...parseServer(values, directory, findings),
    insecureSkipTlsVerify: values.parse("kubeInsecure", parseBoolean) ?? false,
    clusterId: values.text("clusterId"),
    clusterName: values.text("clusterName"),
    pageSize: values.parse("pageSize", parsePageSize) ?? 500,
  };
}

type ServerSettings = Pick<KubernetesSettings, "server" | "token" | "caFile">;

/**
 * A server counts more than a kubeconfig, except when the kubeconfig is named on the command line and the server
 * is not: then the server is out, and its token with it, which must not be shown to another cluster. KUBECONFIG in
 * the environment is no such choice; many people have it set for good.
 */
function parseServer(values: Values<"kubernetes">, directory: string, findings: Findings): ServerSettings {
  const isFlag = (id: IdOf<"kubernetes">): boolean => values.find(id)?.given?.origin.kind === "flag";
  const all: ServerSettings = {
    server: values.parse("kubeServer", parseServerUrl),
    token: values.text("kubeToken"),
    caFile: values.parse("kubeCaFile", parsePath(directory)),
  };
  const isKubeconfigNamed = isFlag("kubeconfig") || isFlag("kubeContext");
  if (all.server === null || !isKubeconfigNamed) return all;
  if (isFlag("kubeServer")) {
    findings.problem(
      "--kube-server does without a kubeconfig; leave out --kubeconfig and --kube-context, or the server",
    );
    return all;
  }
  findings.notice("a kubeconfig is named on the command line, so CLUSTERFLOW_KUBE_SERVER does not count");
  return {
    server: null,
    token: isFlag("kubeToken") ? all.token : null,
    caFile: isFlag("kubeCaFile") ? all.caFile : null,
  };
}
