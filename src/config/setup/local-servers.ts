import { areLoopback, isLoopback } from "../loopback.ts";
import { parseServerUrl } from "../parsers.ts";
import type { LocalAnswers } from "./answers.ts";
import { givenText, knownText, type Sources } from "./sources.ts";

/** What is used of a local stack that runs; null is a server that is to be another one. */
export interface LocalServers {
  readonly brokers: readonly string[] | null;
  readonly database: LocalAnswers["database"] | null;
  readonly clusterUrl: string | null;
}

export const NO_SERVERS: LocalServers = { brokers: null, database: null, clusterUrl: null };

/**
 * Each server by itself, for whoever is not asked: the stack's broker and database stand in for those that nobody
 * named, and for those in existing files that were on this machine, since a stack's ports change. Its cluster is made
 * up, so it is only for whoever named no server at all.
 */
export function serversByDefault(local: LocalAnswers, sources: Sources): LocalServers {
  return {
    brokers: isAway(sources, "brokers") || givenText(sources, "brokers") !== null ? null : local.brokers,
    database: isAway(sources, "databaseHost") ? null : local.database,
    clusterUrl: isAnyNamed(sources) ? null : local.clusterUrl,
  };
}

/** Whether somebody named a server: now, or in an existing file one that is not on this machine. */
export function isAnyNamed(sources: Sources): boolean {
  const isGiven = SERVERS.some((id) => givenText(sources, id) !== null);
  const isKubeconfig = CLUSTER.some((id) => knownText(sources, id) !== null);
  return isGiven || isKubeconfig || SERVERS.some((id) => isAway(sources, id));
}

/** Whether an API server's address is on this machine. */
export function isLocalServer(server: string): boolean {
  return "value" in parseServerUrl(server) && areLoopback([new URL(server).hostname]);
}

type Server = "brokers" | "databaseHost" | "kubeServer" | "kubeconfig" | "kubeContext";

const CLUSTER = ["kubeconfig", "kubeContext"] as const;
const SERVERS: readonly Server[] = ["brokers", "databaseHost", "kubeServer", ...CLUSTER];

/** Whether the address that counts is on another machine; one that does not exist is not. */
function isAway(sources: Sources, id: Server): boolean {
  const text = givenText(sources, id) ?? knownText(sources, id);
  if (text === null) return false;
  if (id === "brokers") return !areLoopback(text.split(","));
  if (id === "databaseHost") return !isLoopback(text);
  return id === "kubeServer" && "value" in parseServerUrl(text) && !isLocalServer(text);
}
