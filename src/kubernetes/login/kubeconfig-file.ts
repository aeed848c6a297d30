import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import * as z from "zod";
import { fileTrouble } from "./material.ts";
import { usageError } from "../usage-error.ts";

// every field may be missing, null or empty: kubectl writes all three
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
export type ContextEntry = z.infer<typeof contextEntry>;

const kubeconfigFile = z.object({
  "current-context": text,
  clusters: z.array(z.object({ name: z.string(), cluster: clusterEntry.nullish() })).nullish(),
  users: z.array(z.object({ name: z.string(), user: userEntry.nullish() })).nullish(),
  contexts: z.array(z.object({ name: z.string(), context: contextEntry.nullish() })).nullish(),
});
export type KubeconfigFile = z.infer<typeof kubeconfigFile>;

/** What one kubeconfig file says; null when there is no such file. Throws `usage`. */
export async function loadKubeconfigFile(file: string): Promise<KubeconfigFile | null> {
  const source = await readPresent(file);
  if (source === null) return null;
  const parsed = kubeconfigFile.safeParse(parseYaml(file, source) ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.map(String).join(".") || "the file";
  throw usageError(
    `kubeconfig ${file} is not valid: ${place}: ${issue?.message ?? "unreadable"}`,
    `correct ${place} in ${file}`,
  );
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

function parseYaml(file: string, source: string): unknown {
  const document = parseDocument(source);
  const broken = document.errors[0];
  if (broken === undefined) return document.toJS();
  // the rest of the message quotes the line, and that line may hold a token
  const sentence = broken.message.split(/ at line \d+|\n/)[0] ?? "unreadable";
  const line = broken.linePos?.[0].line ?? 1;
  throw usageError(
    `kubeconfig ${file} is not YAML: line ${line}: ${sentence}`,
    `correct line ${line} of ${file}`,
  );
}
