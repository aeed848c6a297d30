import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseDocument } from "yaml";
import * as z from "zod";
import { ClusterflowError } from "../core/errors.ts";
import { fileTrouble } from "./material.ts";
import { nearestName } from "./nearest-name.ts";
import { usageError } from "./usage-error.ts";

const text = z.string().nullish();
const flag = z.boolean().nullish();

const clusterEntry = z.object({
  server: text,
  "certificate-authority": text,
  "certificate-authority-data": text,
  "insecure-skip-tls-verify": flag,
  "tls-server-name": text,
  "proxy-url": text,
  extensions: z.array(z.object({ name: z.string(), extension: z.unknown() })).nullish(),
});
export type ClusterEntry = z.infer<typeof clusterEntry>;

const execEntry = z.object({
  apiVersion: text,
  command: text,
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: text,
  provideClusterInfo: flag,
  interactiveMode: text,
});
export type ExecEntry = z.infer<typeof execEntry>;

const userEntry = z.object({
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
  exec: execEntry.nullish(),
  "auth-provider": z.object({ name: text }).nullish(),
  as: text,
  "as-uid": text,
  "as-groups": z.array(z.string()).nullish(),
});
export type UserEntry = z.infer<typeof userEntry>;

const contextEntry = z.object({ cluster: text, user: text });
type ContextEntry = z.infer<typeof contextEntry>;

const kubeconfigFile = z.object({
  "current-context": text,
  clusters: z.array(z.object({ name: z.string(), cluster: clusterEntry.nullish() })).nullish(),
  users: z.array(z.object({ name: z.string(), user: userEntry.nullish() })).nullish(),
  contexts: z.array(z.object({ name: z.string(), context: contextEntry.nullish() })).nullish(),
});

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
  const found: string[] = [];
  const clusters = new Map<string, Located<ClusterEntry>>();
  const users = new Map<string, Located<UserEntry>>();
  const contexts = new Map<string, Located<ContextEntry>>();
  let currentContext: string | null = null;
  for (const file of paths) {
    const source = await readPresent(file);
    if (source === null) continue;
    found.push(file);
    const parsed = decode(file, source);
    // an empty string counts as not set
    currentContext ??= parsed["current-context"] || null;
    for (const { name, cluster } of parsed.clusters ?? []) addFirst(clusters, { name, file, value: cluster ?? {} });
    for (const { name, user } of parsed.users ?? []) addFirst(users, { name, file, value: user ?? {} });
    for (const { name, context } of parsed.contexts ?? []) addFirst(contexts, { name, file, value: context ?? {} });
  }
  if (found.length === 0) {
    throw usageError(`no kubeconfig at ${paths.join(", ")}`, "name an existing file with --kubeconfig");
  }
  return { files: found, currentContext, clusters, users, contexts };
}

export interface ChosenContext {
  readonly name: string;
  readonly cluster: Located<ClusterEntry>;
  /** Null when the context names no user: the server is asked anonymously. */
  readonly user: Located<UserEntry> | null;
}

/** The named context, or the current one, with the cluster and the user that it names. Throws `usage`. */
export function chooseContext(config: Kubeconfig, named: string | null): ChosenContext {
  const name = named ?? config.currentContext;
  const files = config.files.join(", ");
  if (name === null) {
    const hint = `choose with --kube-context: ${known(config.contexts)}`;
    throw usageError(`no context is chosen: ${files} has no current-context`, hint);
  }
  const context = config.contexts.get(name);
  if (context === undefined) throw unknownContext(config, name);
  const where = `context "${name}" in ${context.file}`;
  const cluster = config.clusters.get(context.value.cluster ?? "");
  if (cluster === undefined) {
    const hint = `add it to ${context.file}; known clusters: ${known(config.clusters)}`;
    throw usageError(`${where} names the cluster "${context.value.cluster ?? ""}", which is not defined`, hint);
  }
  const userName = context.value.user ?? "";
  const user = config.users.get(userName) ?? null;
  if (user === null && userName !== "") {
    const hint = `add it to ${context.file}; known users: ${known(config.users)}`;
    throw usageError(`${where} names the user "${userName}", which is not defined`, hint);
  }
  return { name, cluster, user };
}

/** A path from an entry; relative ones start at the entry's own file. */
export function pathOf(entry: Located<unknown>, path: string): string {
  return resolve(dirname(entry.file), path);
}

async function readPresent(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const trouble = fileTrouble(cause);
    if (trouble === "does not exist") return null;
    throw usageError(`kubeconfig ${file} ${trouble}`, `ls -l ${file}`, cause);
  }
}

function decode(file: string, source: string): z.infer<typeof kubeconfigFile> {
  const document = parseDocument(source);
  const broken = document.errors[0];
  if (broken !== undefined) {
    // the rest of the message quotes the line, and that line may hold a token
    const [sentence] = broken.message.split(/ at line \d+|\n/);
    const line = broken.linePos?.[0].line ?? 1;
    throw usageError(`kubeconfig ${file} is not YAML: line ${line}: ${sentence ?? "unreadable"}`, `correct line ${line}`);
  }
  const parsed = kubeconfigFile.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue?.path.map(String).join(".") ?? "";
  throw usageError(
    `kubeconfig ${file} is not valid: ${place === "" ? "the whole" : place}: ${issue?.message ?? "unreadable"}`,
    `correct ${place === "" ? "the file" : place} in ${file}`,
  );
}

function addFirst<T>(entries: Map<string, Located<T>>, entry: Located<T>): void {
  if (!entries.has(entry.name)) entries.set(entry.name, entry);
}

function unknownContext(config: Kubeconfig, name: string): ClusterflowError {
  const nearest = nearestName(name, [...config.contexts.keys()]);
  const hint = nearest === null ? "choose one of them with --kube-context" : `did you mean --kube-context ${nearest}?`;
  return usageError(`no context "${name}" in ${config.files.join(", ")}; known: ${known(config.contexts)}`, hint);
}

function known(entries: ReadonlyMap<string, unknown>): string {
  return entries.size === 0 ? "none" : [...entries.keys()].join(", ");
}
