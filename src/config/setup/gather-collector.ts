import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseInterval, parseServerUrl } from "../parsers.ts";
import type { CollectorAnswers } from "./answers.ts";
import type { Asker } from "./asker.ts";
import type { Gathering } from "./gathering.ts";
import { isLocalServer } from "./local-servers.ts";
import { complaintOfInterval, complaintOfServer, ONCE } from "./questions.ts";
import { givenText, knownText } from "./sources.ts";

type Cluster = Pick<CollectorAnswers, "kubeconfig" | "context" | "server">;

const NONE: Cluster = { kubeconfig: null, context: null, server: null };
const GENERATED = "synthetic:2000";

export interface GatheredCollector {
  readonly collector: CollectorAnswers;
  /** e2e only: `synthetic:N`, or null for a cluster that exists. */
  readonly cluster: string | null;
}

/** Which cluster is read and how often. Nothing here is ever missing: without an answer it is as `kubectl` has it. */
export async function gatherCollector(gathering: Gathering): Promise<GatheredCollector> {
  const named = namedCluster(gathering);
  const cluster = gathering.mode === "e2e" ? generatedCluster(gathering, named !== null) : null;
  const generated = { ...NONE, server: gathering.local.clusterUrl };
  const answers = cluster === null ? (named ?? (await otherCluster(gathering))) : generated;
  return { collector: { ...answers, interval: await gatherInterval(gathering) }, cluster };
}

/**
 * A cluster that somebody named on purpose: by flag, or by clusterflow's own variables. KUBECONFIG is not among
 * them; it is there again when the collector runs, and a file would freeze it.
 */
function namedCluster(gathering: Gathering): Cluster | null {
  const { flags, directory } = gathering.input;
  const paths = flags["kubeconfig"];
  const kubeconfig =
    typeof paths === "string"
      ? paths
          .split(":")
          .map((path) => resolve(directory, path))
          .join(":")
      : null;
  const context = givenText(gathering, "kubeContext");
  const server = givenText(gathering, "kubeServer");
  gathering.given.parse("kubeServer", parseServerUrl); // what does not fit goes to the findings
  if (server !== null && (kubeconfig !== null || context !== null)) {
    gathering.findings.problem(
      "--kube-server does without a kubeconfig; leave out --kubeconfig and --kube-context, or the server",
    );
  }
  return kubeconfig === null && context === null && server === null ? null : { kubeconfig, context, server };
}

/** An end-to-end run reads no real cluster that nobody named. */
function generatedCluster({ input, findings }: Gathering, isNamed: boolean): string | null {
  const flag = input.flags["cluster"];
  if (typeof flag !== "string") return isNamed ? null : GENERATED;
  if (isNamed)
    findings.problem("--cluster makes a cluster up; leave it out, or the flag that names a real one");
  if (!/^synthetic:[1-9]\d{0,6}(:\d{1,9})?$/.test(flag)) {
    findings.problem(
      `--cluster is ${JSON.stringify(flag)}; wanted is synthetic:N, N objects, such as ${GENERATED}`,
    );
  }
  return flag;
}

async function otherCluster(gathering: Gathering): Promise<Cluster> {
  const { asker, input, local } = gathering;
  if (asker !== null && !input.takesDefaults) return askCluster(gathering, asker, local.clusterUrl);
  if (local.clusterUrl !== null) return { ...NONE, server: local.clusterUrl };
  return knownCluster(gathering) ?? NONE;
}

/** The cluster in the existing files, as a whole. */
function knownCluster(gathering: Gathering): Cluster | null {
  const kubeconfig = knownText(gathering, "kubeconfig");
  const context = knownText(gathering, "kubeContext");
  const server = knownText(gathering, "kubeServer", parseServerUrl);
  // KUBECONFIG in this shell is a fresher word than an address that a local stack may have had
  const isStale = server !== null && isLocalServer(server) && givenText(gathering, "kubeconfig") !== null;
  return isStale ? null : { kubeconfig, context, server };
}

async function askCluster(gathering: Gathering, asker: Asker, simulated: string | null): Promise<Cluster> {
  const known = { context: knownText(gathering, "kubeContext"), server: knownText(gathering, "kubeServer") };
  const choices = [
    ...(simulated === null ? [] : [{ value: "local", label: `the local stack's, ${simulated}` } as const]),
    { value: "kubectl", label: `the one kubectl uses (${usualKubeconfig(gathering)})` } as const,
    { value: "context", label: "another context of the kubeconfig" } as const,
    { value: "server", label: "an API server by its address, https://host:6443" } as const,
  ];
  const way = await asker.choose("Which cluster shall be read?", choices, initialWay(simulated, known));
  if (way === "local") return { ...NONE, server: simulated };
  if (way === "kubectl") return NONE;
  if (way === "context") {
    const fits = (text: string): string | null => (text.trim() === "" ? "wanted is a context's name" : null);
    return { ...NONE, context: (await asker.text("Context", known.context ?? "", fits)).trim() };
  }
  const server = await asker.text("Address of the API server", known.server ?? "https://", complaintOfServer);
  return { ...NONE, server: server.trim() };
}

function initialWay(
  simulated: string | null,
  known: { readonly context: string | null; readonly server: string | null },
): "local" | "kubectl" | "context" | "server" {
  if (simulated !== null) return "local";
  if (known.server !== null) return "server";
  return known.context === null ? "kubectl" : "context";
}

function usualKubeconfig({ input }: Gathering): string {
  const named = input.environment["KUBECONFIG"];
  if (named) return `KUBECONFIG, ${named}`;
  const usual = join(input.environment["HOME"] ?? homedir(), ".kube", "config");
  return existsSync(usual) ? usual : "there is no kubeconfig now; inside a pod its service account";
}

async function gatherInterval(gathering: Gathering): Promise<string | null> {
  const { asker, input } = gathering;
  const given = givenText(gathering, "interval");
  if (given === ONCE) return null;
  gathering.given.parse("interval", parseInterval); // what does not fit goes to the findings
  const known = knownText(gathering, "interval", parseInterval);
  if (given !== null || asker === null || input.takesDefaults || gathering.mode === "e2e")
    return given ?? known;
  const ask = "Collect how often (once per call, or every 5m, 1h)";
  const text = (await asker.text(ask, known ?? ONCE, complaintOfInterval)).trim();
  return text === ONCE ? null : text;
}
