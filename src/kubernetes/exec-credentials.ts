import * as z from "zod";
import { ClusterflowError } from "../core/errors.ts";
import { type Credentials, NOTHING_PRESENTED, type Presented, refuseUnsendable } from "./credentials.ts";
import { runPlugin } from "./exec-plugin.ts";
import { type ExecEntry, type Located, pathOf } from "./kubeconfig.ts";
import { usageError } from "./usage-error.ts";

const VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
/** Credentials that end within this time are fetched anew: the request has to arrive, too. */
const EXPIRY_MARGIN_MS = 5000;

const answer = z.object({
  apiVersion: z.string(),
  kind: z.literal("ExecCredential"),
  status: z.object({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.iso.datetime({ offset: true }).nullish(),
  }),
});

/**
 * Credentials from a kubeconfig's `exec` plugin: kept until they expire or the server refuses them.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 * `clusterInfo` is what the plugin is told of the cluster when it asks to be. Throws `usage` at once for what
 * cannot work.
 */
export function execCredentials(
  entry: Located<ExecEntry>,
  clusterInfo: object,
  variables: Readonly<Record<string, string | undefined>>,
): Credentials {
  const plugin = decodePlugin(entry);
  let cached: { readonly presented: Presented; readonly expiresAt: number } | null = null;
  return {
    description: `the credentials that the command "${plugin.command}" gave for user "${entry.name}"`,
    async present(signal) {
      if (cached !== null && Date.now() < cached.expiresAt - EXPIRY_MARGIN_MS) return cached.presented;
      const spec = { interactive: false, ...(entry.value.provideClusterInfo === true && { cluster: clusterInfo }) };
      const info = { apiVersion: plugin.apiVersion, kind: "ExecCredential", spec };
      const env = { ...variables, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
      const output = await runPlugin({ ...plugin, env }, signal);
      cached = decodeAnswer(output, plugin);
      return cached.presented;
    },
    check: () => Promise.resolve(NOTHING_PRESENTED),
    renew() {
      cached = null;
      return true;
    },
  };
}

interface Plugin {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  readonly installHint: string | null;
}

function decodePlugin(entry: Located<ExecEntry>): Plugin {
  const { command, apiVersion, args, env, installHint, interactiveMode } = entry.value;
  const where = `exec of user "${entry.name}" in ${entry.file}`;
  if (!command) throw usageError(`${where} names no command`, `add users[].user.exec.command to ${entry.file}`);
  if (!apiVersion || !VERSIONS.includes(apiVersion)) {
    const given = apiVersion ? `has apiVersion ${apiVersion}` : "has no apiVersion";
    throw usageError(`${where} ${given}; clusterflow speaks ${VERSIONS.join(" and ")}`, "renew the kubeconfig");
  }
  if (interactiveMode === "Always") {
    throw usageError(`${where} wants a terminal (interactiveMode: Always)`, "use a login that needs no answers");
  }
  return {
    // as in kubectl: a bare name is looked up in PATH, a relative path starts at the kubeconfig
    command: /[/\\]/.test(command) ? pathOf(entry, command) : command,
    args: args ?? [],
    env: Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
    apiVersion,
    installHint: installHint?.trim() || null,
  };
}

function decodeAnswer(output: string, plugin: Plugin): { presented: Presented; expiresAt: number } {
  const parsed = answer.safeParse(parseJson(output));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue?.path.join(".") || "the output";
    throw unusable(plugin, `${place}: ${issue?.message ?? "unreadable"}`);
  }
  const { status, apiVersion } = parsed.data;
  if (apiVersion !== plugin.apiVersion) throw unusable(plugin, `apiVersion ${apiVersion} instead of ${plugin.apiVersion}`);
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status;
  if (!token && !(cert && key)) throw unusable(plugin, "neither a token nor a client certificate with its key");
  if (token) refuseUnsendable(token, `the token that the command "${plugin.command}" gave`);
  const presented = { authorization: token ? `Bearer ${token}` : null, cert: cert || null, key: key || null };
  const expiresAt = expirationTimestamp ? Date.parse(expirationTimestamp) : Number.POSITIVE_INFINITY;
  return { presented, expiresAt };
}

function parseJson(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return null;
  }
}

function unusable(plugin: Plugin, why: string): ClusterflowError {
  return new ClusterflowError(`the credential command "${plugin.command}" gave an unusable answer: ${why}`, {
    code: "unreachable",
    hint: `run it by hand, as the kubeconfig writes it: ${plugin.command} …`,
  });
}
