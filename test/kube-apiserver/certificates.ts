import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Paths of PEM files. */
export interface Certificates {
  /** Signed the server's certificate. */
  readonly serverCa: string;
  readonly serverCert: string;
  readonly serverKey: string;
  /** Signed the client's certificate. */
  readonly clientCa: string;
  readonly clientCert: string;
  readonly clientKey: string;
  /** Signed nothing that a server shows: whoever trusts only this one must refuse the server. */
  readonly strangeCa: string;
}

/**
 * Makes two authorities, a server certificate for 127.0.0.1 and localhost, and a client certificate whose common
 * name is the user and whose organization is the group, as Kubernetes reads them.
 */
export async function makeCertificates(folder: string, user: string, group: string): Promise<Certificates> {
  const [serverCa, clientCa, strangeCa] = await Promise.all([
    makeAuthority(folder, "server-ca"),
    makeAuthority(folder, "client-ca"),
    makeAuthority(folder, "strange-ca"),
  ]);
  const server = await makeCertificate(folder, "server", serverCa, {
    subject: "/CN=kube-apiserver",
    extensions: "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n",
  });
  const client = await makeCertificate(folder, "client", clientCa, {
    subject: `/O=${group}/CN=${user}`,
    extensions: "extendedKeyUsage=clientAuth\n",
  });
  return {
    serverCa: serverCa.cert,
    serverCert: server.cert,
    serverKey: server.key,
    clientCa: clientCa.cert,
    clientCert: client.cert,
    clientKey: client.key,
    strangeCa: strangeCa.cert,
  };
}

interface Pair {
  readonly cert: string;
  readonly key: string;
}

async function makeAuthority(folder: string, name: string): Promise<Pair> {
  const pair = { cert: path.join(folder, `${name}.crt`), key: path.join(folder, `${name}.key`) };
  await openssl([
    "req",
    "-x509",
    ...NEW_KEY,
    "-keyout",
    pair.key,
    "-out",
    pair.cert,
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
  ]);
  return pair;
}

async function makeCertificate(
  folder: string,
  name: string,
  authority: Pair,
  { subject, extensions }: { readonly subject: string; readonly extensions: string },
): Promise<Pair> {
  const file = (ending: string): string => path.join(folder, `${name}.${ending}`);
  await writeFile(file("ext"), extensions);
  await openssl(["req", ...NEW_KEY, "-keyout", file("key"), "-out", file("csr"), "-subj", subject]);
  const signing = [
    "-CA",
    authority.cert,
    "-CAkey",
    authority.key,
    "-CAcreateserial",
    "-extfile",
    file("ext"),
  ];
  await openssl(["x509", "-req", "-in", file("csr"), ...signing, "-days", "2", "-out", file("crt")]);
  return { cert: file("crt"), key: file("key") };
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

async function openssl(args: readonly string[]): Promise<void> {
  await run("openssl", args).catch((thrown: unknown) => {
    throw new Error("the certificates of the contract tests need the `openssl` command", { cause: thrown });
  });
}
