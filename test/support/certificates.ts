import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type TemporaryDirectory, temporaryDirectory } from "../kubernetes/temporary.ts";

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of the test's own. */
export interface Authority extends Pair, Disposable {
  readonly certFile: string;
  /** `names` as OpenSSL writes them: `IP:127.0.0.1`, `DNS:shop`. */
  issue(names: string, validity?: Validity): Pair;
}

interface Validity {
  readonly from: string;
  readonly to: string;
}

const CONFIG = `
[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
default_md = sha256
policy = any
rand_serial = yes
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
`;
const USUAL: Validity = { from: "20200101000000Z", to: "20491231235959Z" };

export function createAuthority(): Authority {
  const directory = temporaryDirectory();
  directory.write("ca.conf", CONFIG);
  directory.write("index.txt", "");
  const pair = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout"];
  openssl(
    directory,
    "req",
    "-x509",
    ...pair,
    "ca.key",
    "-out",
    "ca.crt",
    "-subj",
    "/CN=test-ca",
    "-days",
    "2",
  );
  let issued = 0;
  return {
    certFile: `${directory.path}/ca.crt`,
    cert: readFileSync(`${directory.path}/ca.crt`, "utf8"),
    key: readFileSync(`${directory.path}/ca.key`, "utf8"),
    issue(names, validity = USUAL) {
      const name = `issued-${++issued}`;
      const request = [...pair, `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`];
      openssl(directory, "req", ...request, "-addext", `subjectAltName=${names}`);
      const dates = ["-startdate", validity.from, "-enddate", validity.to];
      const signed = ["-cert", "ca.crt", "-keyfile", "ca.key", "-in", `${name}.csr`, "-out", `${name}.crt`];
      openssl(directory, "ca", "-batch", "-notext", "-config", "ca.conf", ...signed, ...dates);
      const read = (suffix: string): string => readFileSync(`${directory.path}/${name}.${suffix}`, "utf8");
      return { cert: read("crt"), key: read("key") };
    },
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  };
}

function openssl(directory: TemporaryDirectory, ...args: string[]): void {
  execFileSync("openssl", args, { cwd: directory.path, stdio: "pipe" });
}
