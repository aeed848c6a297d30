import * as z from "zod";
import { ClusterflowError } from "../../core/errors.ts";
import { type Credentials, NOTHING_PRESENTED, type Presented, isSendable } from "./credentials.ts";
import { runPlugin } from "./exec-plugin.ts";
import { type Located, pathOf } from "./kubeconfig.ts";
import type { ExecEntry } from "./kubeconfig-file.ts";
import { usageError } from "../usage-error.ts";

const VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
/** Credentials that end within this time are fetched anew: the request has to arrive, too. */
const EXPIRY_MARGIN_MS = 5000;

interface Answered {
  readonly presented: Presented;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const text = z.string().nullish();

const status = z
  .object({
    token: text.refine((token) => !token || isSendable(token), "white space or control characters"),
    clientCertificateData: text,
    clientKeyData: text,
    expirationTimestamp: z.iso.datetime({ offset: true }).nullish(),
  })
  .transform(({ token, clientCertificateData, clientKeyData, expirationTimestamp }): Answered => {
    const pair = clientCertificateData && clientKeyData ? [clientCertificateData, clientKeyData] : [];
    const [cert = null, key = null] = pair;
    const expiresAt = expirationTimestamp ? Date.parse(expirationTimestamp) : Number.POSITIVE_INFINITY;
    return { presented: { authorization: token ? `Bearer ${token}` : null, cert, key }, expiresAt };
  });

const answer = z.object({ apiVersion: z.string(), kind: z.literal("ExecCredential"), status });

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
  let cached: Answered | null = null;
  return {
    description: `the credentials that the command "${plugin.command}" gave for user "${entry.name}"`,
    async present(signal) {
      if (cached !== null && Date.now() < cached.expiresAt - EXPIRY_MARGIN_MS) return cached.presented;
      const spec = {
        interactive: false,
        ...(entry.value.provideClusterInfo === true && { cluster: clusterInfo }),
      };
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
  const { command, args, env, installHint } = entry.value;
  const where = `exec of user "${entry.name}" in ${entry.file}`;
  if (!command)
    throw usageError(`${where} names no command`, `add users[].user.exec.command to ${entry.file}`);
  return {
    // as in kubectl: a bare name is looked up in PATH, a relative path starts at the kubeconfig
    command: /[/\\]/.test(command) ? pathOf(entry, command) : command,
    args: args ?? [],
    env: Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
    apiVersion: supportedVersion(entry.value, where),
    installHint: installHint?.trim() || null,
  };
}

function supportedVersion({ apiVersion, interactiveMode }: ExecEntry, where: string): string {
  if (interactiveMode === "Always") {
    throw usageError(
      `${where} wants a terminal (interactiveMode: Always)`,
      "use a login that needs no answers",
    );
  }
  if (apiVersion && VERSIONS.includes(apiVersion)) return apiVersion;
  const given = apiVersion ? `has apiVersion ${apiVersion}` : "has no apiVersion";
  throw usageError(`${where} ${given}; clusterflow speaks ${VERSIONS.join(" and ")}`, "renew the kubeconfig");
}

function decodeAnswer(output: string, plugin: Plugin): Answered {
  const parsed = answer.safeParse(parseJson(output));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue?.path.join(".") || "the output";
    throw unusable(plugin, `${place}: ${issue?.message ?? "unreadable"}`);
  }
  const { status, apiVersion } = parsed.data;
  if (apiVersion !== plugin.apiVersion) {
    throw unusable(plugin, `apiVersion ${apiVersion} instead of ${plugin.apiVersion}`);
  }
  if (status.presented.authorization === null && status.presented.key === null) {
    throw unusable(plugin, "neither a token nor a client certificate with its key");
  }
  return status;
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
