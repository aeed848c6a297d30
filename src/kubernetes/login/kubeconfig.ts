import { nearestName } from "../../core/nearest.ts";
import { dirname, resolve } from "node:path";
import {
  type ClusterEntry,
  type ContextEntry,
  type KubeconfigFile,
  loadKubeconfigFile,
  type UserEntry,
} from "./kubeconfig-file.ts";
import { usageError } from "../usage-error.ts";

/** An entry and the file it stands in: paths inside it are relative to that file. */
export interface Located<T> {
  readonly name: string;
  readonly file: string;
  readonly value: T;
}

export interface Kubeconfig {
  /** The files that were there, in the order of their precedence. */
  readonly files: readonly string[];
  readonly currentContext: string | null;
  readonly clusters: ReadonlyMap<string, Located<ClusterEntry>>;
  readonly users: ReadonlyMap<string, Located<UserEntry>>;
  readonly contexts: ReadonlyMap<string, Located<ContextEntry>>;
}

/**
 * Reads and merges kubeconfig files as `kubectl` does: of several entries of one name the first file's counts,
 * whole; of several files those that do not exist are passed over. Throws `usage`.
 */
export async function loadKubeconfig(paths: readonly string[]): Promise<Kubeconfig> {
  const files: string[] = [];
  const entries: Entries = { clusters: new Map(), users: new Map(), contexts: new Map() };
  let currentContext: string | null = null;
  for (const file of paths) {
    const parsed = await loadKubeconfigFile(file);
    if (parsed === null) continue;
    files.push(file);
    currentContext ??= parsed["current-context"] || null;
    mergeEntries(entries, file, parsed);
  }
  if (files.length > 0) return { files, ...entries, currentContext };
  throw usageError(
    `there is no kubeconfig at ${paths.join(", ")}`,
    "name an existing file with --kubeconfig",
  );
}

interface Entries {
  readonly clusters: Map<string, Located<ClusterEntry>>;
  readonly users: Map<string, Located<UserEntry>>;
  readonly contexts: Map<string, Located<ContextEntry>>;
}

function mergeEntries(into: Entries, file: string, parsed: KubeconfigFile): void {
  for (const { name, cluster } of parsed.clusters ?? [])
    addFirst(into.clusters, { name, file, value: cluster ?? {} });
  for (const { name, user } of parsed.users ?? []) addFirst(into.users, { name, file, value: user ?? {} });
  for (const { name, context } of parsed.contexts ?? [])
    addFirst(into.contexts, { name, file, value: context ?? {} });
}

function addFirst<T>(entries: Map<string, Located<T>>, entry: Located<T>): void {
  if (!entries.has(entry.name)) entries.set(entry.name, entry);
}

export interface ChosenContext {
  readonly name: string;
  readonly cluster: Located<ClusterEntry>;
  /** Null when the context names no user: the server is asked anonymously. */
  readonly user: Located<UserEntry> | null;
}

/** The named context, or the current one, with the cluster and the user that it names. Throws `usage`. */
export function chooseContext(config: Kubeconfig, named: string | null): ChosenContext {
  const context = contextOf(config, named);
  const { name } = context;
  const cluster = entryOf(config.clusters, context, "cluster", context.value.cluster ?? "");
  const userName = context.value.user ?? "";
  const user = userName === "" ? null : entryOf(config.users, context, "user", userName);
  return { name, cluster, user };
}

/** A path from an entry; relative ones start at the entry's own file. */
export function pathOf(entry: Located<unknown>, path: string): string {
  return resolve(dirname(entry.file), path);
}

function contextOf(config: Kubeconfig, named: string | null): Located<ContextEntry> {
  const name = named ?? config.currentContext;
  const files = config.files.join(", ");
  const known = namesOf(config.contexts);
  if (config.contexts.size === 0) {
    const hint = "name another file with --kubeconfig, or a server with --kube-server";
    throw usageError(`there is no context in ${files}`, hint);
  }
  if (name === null) {
    throw usageError(
      `no context is chosen: ${files} has no current-context`,
      `choose with --kube-context: ${known}`,
    );
  }
  const context = config.contexts.get(name);
  if (context !== undefined) return context;
  const nearest = nearestName(name, [...config.contexts.keys()]);
  const hint =
    nearest === null ? "choose one of them with --kube-context" : `did you mean --kube-context ${nearest}?`;
  throw usageError(`there is no context "${name}" in ${files}; known: ${known}`, hint);
}

function entryOf<T>(
  entries: ReadonlyMap<string, Located<T>>,
  context: Located<unknown>,
  what: string,
  name: string,
): Located<T> {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  throw usageError(
    `context "${context.name}" in ${context.file} names the ${what} "${name}", which is not defined`,
    `add it to ${context.file}; known ${what}s: ${namesOf(entries)}`,
  );
}

function namesOf(entries: ReadonlyMap<string, unknown>): string {
  return entries.size === 0 ? "none" : [...entries.keys()].join(", ");
}
