import { X509Certificate } from "node:crypto";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import type { KubernetesSettings } from "../config/parts.ts";
import { ANONYMOUS, type Credentials, materialCredentials } from "./login/credentials.ts";
import { chooseContext, type Located, loadKubeconfig } from "./login/kubeconfig.ts";
import type { ClusterEntry } from "./login/kubeconfig-file.ts";
import { fileMaterial, fixedMaterial, type Material } from "./login/material.ts";
import { materialOf, userCredentials } from "./login/user-credentials.ts";
import { usageError } from "./usage-error.ts";

/** Where an API server is and how it is spoken to. Holds nothing open; fetched credentials are kept in it. */
export interface Connection {
  /** Base of all paths; may have a path of its own, as behind Rancher. */
  readonly server: URL;
  /** What a person calls this cluster: the context, the host, `in-cluster`. */
  readonly name: string;
  readonly credentials: Credentials;
  /** CA certificates, PEM; null trusts those of the system. */
  readonly authority: Material | null;
  /** Name that the certificate must bear instead of the host's. */
  readonly serverName: string | null;
  readonly isVerified: boolean;
}

/** The process's environment: looked at for `HOME` and the pod's own API server, and handed on to credential plugins. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Finds the server and the credentials as `kubectl` would. Asks nobody yet. Throws `usage`. */
export async function loadConnection(
  settings: KubernetesSettings,
  variables: Variables,
  serviceAccount = SERVICE_ACCOUNT,
): Promise<Connection> {
  const found = overridden(await find(settings, variables, serviceAccount), settings);
  refusePlainCredentials(found);
  await refuseBadMaterial(found);
  return found;
}

async function find(
  settings: KubernetesSettings,
  variables: Variables,
  serviceAccount: string,
): Promise<Connection> {
  if (settings.server !== null) return named(settings.server);
  if (settings.kubeconfig.length > 0) return fromKubeconfig(settings.kubeconfig, settings, variables);
  const usual = join(variables["HOME"] ?? homedir(), ".kube", "config");
  if (await isThere(usual)) return fromKubeconfig([usual], settings, variables);
  const host = variables["KUBERNETES_SERVICE_HOST"];
  if (host && settings.context === null && (await isThere(join(serviceAccount, "token")))) {
    return inCluster(host, variables["KUBERNETES_SERVICE_PORT"] ?? "443", serviceAccount);
  }
  throw usageError(
    `no Kubernetes cluster is named: there is no ${usual}, and this is not inside a pod`,
    "name a kubeconfig with --kubeconfig, or a server with --kube-server",
  );
}

function named(server: string): Connection {
  const url = serverUrl(server, "--kube-server");
  return {
    server: url,
    name: url.host,
    credentials: ANONYMOUS,
    authority: null,
    serverName: null,
    isVerified: true,
  };
}

function inCluster(host: string, port: string, serviceAccount: string): Connection {
  const token = join(serviceAccount, "token");
  const value = fileMaterial(token, "service account token");
  return {
    server: serverUrl(
      `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
      "KUBERNETES_SERVICE_HOST",
    ),
    name: "in-cluster",
    credentials: materialCredentials(`the service account token ${token}`, { scheme: "Bearer", value }, null),
    authority: fileMaterial(join(serviceAccount, "ca.crt"), "service account CA"),
    serverName: null,
    isVerified: true,
  };
}

async function fromKubeconfig(
  paths: readonly string[],
  settings: KubernetesSettings,
  variables: Variables,
): Promise<Connection> {
  const { name, cluster, user } = chooseContext(await loadKubeconfig(paths), settings.context);
  refuseContradictions(cluster);
  const { value } = cluster;
  const authority = materialOf(
    cluster,
    "certificate-authority",
    value["certificate-authority-data"],
    value["certificate-authority"],
  );
  // a token given by hand stands in for the whole user, who may not even be usable here
  const info = await clusterInfo(cluster, authority);
  const credentials = settings.token === null ? userCredentials(user, info, variables) : ANONYMOUS;
  return {
    server: serverUrl(value.server ?? "", `cluster "${cluster.name}" in ${cluster.file}`),
    name,
    credentials,
    authority,
    serverName: value["tls-server-name"] || null,
    isVerified: value["insecure-skip-tls-verify"] !== true,
  };
}

/** What an exec plugin may ask to be told; client.authentication.k8s.io/v1, `Cluster`. */
async function clusterInfo(cluster: Located<ClusterEntry>, authority: Material | null): Promise<object> {
  const { server, extensions, ...entry } = cluster.value;
  const config = extensions?.find(({ name }) => name === "client.authentication.k8s.io/exec")?.extension;
  const ca = authority === null ? null : Buffer.from(await authority.read()).toString("base64");
  return {
    server: server ?? "",
    ...(ca !== null && { "certificate-authority-data": ca }),
    ...(entry["tls-server-name"] && { "tls-server-name": entry["tls-server-name"] }),
    ...(entry["insecure-skip-tls-verify"] && { "insecure-skip-tls-verify": true }),
    ...(config !== undefined && { config }),
  };
}

/** The settings that outrank whatever was found. */
function overridden(found: Connection, settings: KubernetesSettings): Connection {
  const { token, caFile, insecureSkipTlsVerify } = settings;
  const bearer = token === null ? null : { scheme: "Bearer" as const, value: fixedMaterial(token) };
  const authority = caFile === null ? found.authority : fileMaterial(caFile, "CA file");
  return {
    ...found,
    credentials:
      bearer === null ? found.credentials : materialCredentials("the token that was given", bearer, null),
    authority: insecureSkipTlsVerify ? null : authority,
    isVerified: found.isVerified && !insecureSkipTlsVerify,
  };
}

function serverUrl(text: string, where: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["https:", "http:"].includes(url.protocol) || url.hostname === "") {
    throw usageError(
      `${where} has no usable server address: "${shown(text)}"`,
      "write it as https://host:6443",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw usageError(
      `${where} has a user name in its server address`,
      "write it as https://host:6443, and use a token",
    );
  }
  return url;
}

/** An address as messages may show it: without user and password. */
function shown(text: string): string {
  return text.replace(/\/\/[^/]*@/, "//…@");
}

function refuseContradictions(cluster: Located<ClusterEntry>): void {
  const { value } = cluster;
  const where = `cluster "${cluster.name}" in ${cluster.file}`;
  if (value["proxy-url"]) {
    const hint =
      "connect without the proxy, or through a local port: kubectl proxy, then --kube-server http://127.0.0.1:8001";
    throw usageError(`${where} wants a proxy (proxy-url), which is not supported`, hint);
  }
  const hasAuthority =
    Boolean(value["certificate-authority"]) || Boolean(value["certificate-authority-data"]);
  if (value["insecure-skip-tls-verify"] === true && hasAuthority) {
    const hint = `remove insecure-skip-tls-verify from ${cluster.file}`;
    throw usageError(`${where} has both a certificate authority and insecure-skip-tls-verify`, hint);
  }
}

function refusePlainCredentials({ server, credentials }: Connection): void {
  if (server.protocol === "https:" || credentials === ANONYMOUS || isLoopback(server.hostname)) return;
  throw usageError(
    `${server.origin} is not encrypted: ${credentials.description} would cross the network in clear`,
    "use https://, or go without credentials",
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** Reads every file once, so that a wrong path or a wrong file is told now and not as a failed handshake. */
async function refuseBadMaterial({ authority, credentials, server }: Connection): Promise<void> {
  const ca = (await authority?.read()) ?? null;
  const { cert, key } = await credentials.check();
  const files = "certificate-authority, client-certificate and client-key";
  try {
    if (ca !== null) new X509Certificate(ca);
    if (cert !== null && key !== null) createSecureContext({ cert, key });
  } catch (cause) {
    const what = "the certificates are not usable PEM, or the client key does not belong to its certificate";
    throw usageError(`for ${server.host} ${what}`, `check ${files} of this cluster and its user`, cause);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
