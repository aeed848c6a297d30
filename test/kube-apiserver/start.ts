import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { makeCertificates, type Certificates } from "./certificates.ts";
import { freePort, runServer, untilReady, type RunningServer } from "./process.ts";
import { requestJson } from "./request.ts";

/** What a test needs to know of the running servers; plain data, because it travels to the test processes. */
export interface KubeApiServer {
  /** Serves old revisions from memory also after etcd has forgotten them, as servers do since 1.34. */
  readonly url: string;
  /** A second API server on the same etcd that forgets a revision together with etcd: 410 at once. */
  readonly forgetfulUrl: string;
  readonly etcdUrl: string;
  readonly certificates: Certificates;
  readonly kubeconfig: string;
  readonly tokens: {
    readonly admin: string;
    /** Known, and without any right. */
    readonly reader: string;
    /** May read everything but secrets. */
    readonly partial: string;
  };
}

const TOKENS = { admin: "admin-token", reader: "reader-token", partial: "partial-token" };

/** Builds what is missing, then starts etcd and two API servers on free loopback ports in a temporary folder. */
export async function startKubeApiServer(): Promise<{ server: KubeApiServer; stop: () => Promise<void> }> {
  const programs = await build();
  const folder = await mkdtemp(path.join(tmpdir(), "clusterflow-kube-"));
  const started: RunningServer[] = [];
  const stop = async (): Promise<void> => {
    // the API servers before the etcd that they hold on to
    for (const server of started.toReversed()) await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { server: await startIn(folder, programs, started), stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function startIn(folder: string, programs: string, started: RunningServer[]): Promise<KubeApiServer> {
  const certificates = await prepare(folder);
  const etcdUrl = `http://127.0.0.1:${await freePort()}`;
  const etcd = startEtcd(programs, folder, etcdUrl);
  started.push(etcd);
  await untilReady(etcd, async () => (await fetch(`${etcdUrl}/health`)).ok);
  // one after the other: two servers that fill the same empty etcd at once get in each other's way
  const common = { programs, folder, etcdUrl, certificates };
  const url = await startApiServer(started, { ...common, name: "first", gates: [] });
  const gates = ["--feature-gates", "ListFromCacheSnapshot=false"];
  const forgetfulUrl = await startApiServer(started, { ...common, name: "second", gates });
  const kubeconfig = path.join(folder, "kubeconfig");
  await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(url, certificates)), { mode: 0o600 });
  return { url, forgetfulUrl, etcdUrl, certificates, kubeconfig, tokens: TOKENS };
}

async function build(): Promise<string> {
  const { stdout } = await promisify(execFile)("sh", [path.join(import.meta.dirname, "build.sh")]).catch(
    (thrown: unknown) => {
      const said =
        thrown instanceof Error && "stderr" in thrown ? String(thrown.stderr).trim() : String(thrown);
      throw new Error(said, { cause: thrown });
    },
  );
  return stdout.trim();
}

async function prepare(folder: string): Promise<Certificates> {
  const certificates = await makeCertificates(folder, "contract-client", "system:masters");
  await promisify(execFile)("openssl", ["genrsa", "-out", path.join(folder, "sa.key"), "2048"]);
  const users = [
    `${TOKENS.admin},admin,1,"system:masters"`,
    `${TOKENS.reader},reader,2`,
    `${TOKENS.partial},partial,3`,
  ];
  await writeFile(path.join(folder, "tokens.csv"), `${users.join("\n")}\n`, { mode: 0o600 });
  return certificates;
}

function startEtcd(programs: string, folder: string, url: string): RunningServer {
  const args = [
    ...["--data-dir", path.join(folder, "etcd")],
    // a test's data need not survive a power cut, and fsync is most of what etcd does
    "--unsafe-no-fsync",
    ...["--log-level", "warn"],
    ...["--listen-client-urls", url, "--advertise-client-urls", url],
    ...["--listen-peer-urls", "http://127.0.0.1:0"],
  ];
  return runServer(path.join(programs, "etcd"), args, path.join(folder, "etcd.log"));
}

interface ApiServerOptions {
  readonly programs: string;
  readonly folder: string;
  readonly etcdUrl: string;
  readonly certificates: Certificates;
  readonly name: string;
  readonly gates: readonly string[];
}

async function startApiServer(started: RunningServer[], options: ApiServerOptions): Promise<string> {
  const { folder, certificates, name } = options;
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  await mkdir(path.join(folder, name));
  const args = [...apiServerFlags(options), "--secure-port", String(port), ...options.gates];
  const program = path.join(options.programs, "kube-apiserver");
  const server = runServer(program, args, path.join(folder, `${name}.log`));
  started.push(server);
  const access = { url, token: TOKENS.admin, caFile: certificates.serverCa };
  await untilReady(server, async () => (await requestJson(access, "GET", "/readyz")).status === 200);
  return url;
}

function apiServerFlags({ folder, etcdUrl, certificates, name }: ApiServerOptions): string[] {
  return [
    // compaction is forced by the tests that need it, and by nothing else
    ...["--etcd-servers", etcdUrl, "--etcd-compaction-interval", "24h"],
    ...["--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1"],
    ...["--cert-dir", path.join(folder, name)],
    ...["--tls-cert-file", certificates.serverCert, "--tls-private-key-file", certificates.serverKey],
    ...["--client-ca-file", certificates.clientCa],
    ...["--token-auth-file", path.join(folder, "tokens.csv"), "--authorization-mode", "RBAC"],
    ...["--service-cluster-ip-range", "10.96.0.0/16", "--endpoint-reconciler-type", "none"],
    ...["--service-account-issuer", "https://kubernetes.default.svc"],
    ...["--service-account-key-file", path.join(folder, "sa.key")],
    ...["--service-account-signing-key-file", path.join(folder, "sa.key")],
    // no controller makes the default service accounts that pods would have to name
    ...["--disable-admission-plugins", "ServiceAccount"],
    ...["--allow-privileged", "--profiling=false"],
  ];
}

function kubeconfigOf(url: string, certificates: Certificates): object {
  const users = [
    ...Object.entries(TOKENS).map(([name, token]) => ({ name, user: { token } })),
    {
      name: "certificate",
      user: { "client-certificate": certificates.clientCert, "client-key": certificates.clientKey },
    },
  ];
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "admin",
    clusters: [
      { name: "contract", cluster: { server: url, "certificate-authority": certificates.serverCa } },
    ],
    users,
    contexts: users.map(({ name }) => ({ name, context: { cluster: "contract", user: name } })),
  };
}
