import type { Environment } from "../config/env.ts";
import { readSecretFile } from "../config/sources/secret-file.ts";
import { parseDuration } from "../core/duration.ts";
import { ClusterflowError } from "../core/errors.ts";
import type { LiveOptions } from "../flows/verify/live.ts";
import { remark } from "../terminal/streams.ts";
import type { CommonOptions } from "./options.ts";

type Gateway = NonNullable<LiveOptions["gateway"]>;

const DEFAULTS = { probes: 100, timeoutMs: 30_000 } as const;
/** Some minutes, one after the other. */
const MOST_PROBES = 10_000;
const EXAMPLE = "clusterflow verify --live --probes 100 --timeout 30s --url http://localhost:8080";

/** What `--live` and its neighbours say; null where the proof is not to be a live one. Throws `usage`. */
export function liveOptions(options: CommonOptions, environment: Environment): LiveOptions | null {
  if (options["live"] !== true) {
    for (const name of ["probes", "timeout", "url", "tokenFile"])
      if (options[name] !== undefined)
        throw wrong(`--${name === "tokenFile" ? "token-file" : name} goes with --live`);
    return null;
  }
  for (const name of ["snapshot", "all", "wait"])
    if (options[name] !== undefined)
      throw wrong(`--${name} looks at what is there, and --live at probes: one after the other`);
  if (options["mode"] === "legacy") throw liveWithoutKafka();
  const gateway = gatewayOf(options, environment);
  return {
    probes: countOf(options["probes"]),
    timeoutMs: timeoutOf(options["timeout"]),
    ...(gateway === null ? {} : { gateway }),
  };
}

export function liveWithoutKafka(): ClusterflowError {
  return new ClusterflowError("--live sends probes through Kafka, and no Kafka is named", {
    code: "usage",
    hint: "clusterflow verify --live --mode hybrid-kafka --brokers localhost:9092",
  });
}

function countOf(given: unknown): number {
  if (typeof given !== "string") return DEFAULTS.probes;
  const count = Number(given);
  if (/^[1-9]\d*$/.test(given) && count <= MOST_PROBES) return count;
  throw wrong(`--probes is no whole number from 1 to ${MOST_PROBES}`);
}

function timeoutOf(given: unknown): number {
  if (typeof given !== "string") return DEFAULTS.timeoutMs;
  const ms = parseDuration(given);
  if (ms !== null) return ms;
  throw wrong("--timeout is no duration, such as 30s");
}

function gatewayOf(options: CommonOptions, environment: Environment): Gateway | null {
  const url = options["url"];
  if (typeof url !== "string") {
    if (options["tokenFile"] !== undefined) throw wrong("--token-file goes with --url");
    return null;
  }
  if (!/^https?:\/\/[^/@\s]+/.test(url)) throw wrong("--url is no address of a gateway");
  return { url: url.replace(/\/+$/, ""), token: tokenOf(options["tokenFile"], environment) };
}

/** Never from a flag: those show in `ps`. */
function tokenOf(file: unknown, environment: Environment): string {
  if (typeof file !== "string") {
    const token = environment["CLUSTERFLOW_TOKEN"]?.trim() ?? "";
    if (token !== "") return checked(token);
    throw wrong("--url wants a token with the scope WRITE: --token-file FILE, or CLUSTERFLOW_TOKEN");
  }
  const reading = readSecretFile(process.cwd(), file);
  if ("trouble" in reading)
    throw new ClusterflowError(`--token-file ${reading.trouble}`, { code: "usage", hint: `ls -l ${file}` });
  if (reading.remark !== undefined) remark(`--token-file ${reading.remark}`);
  return checked(reading.text.trim());
}

/** What is no token would break the request's header, and the error would quote it. */
function checked(token: string): string {
  if (/^[\w.~+/=-]+$/.test(token)) return token;
  throw wrong("the token for --url has characters that no token has");
}

function wrong(message: string): ClusterflowError {
  return new ClusterflowError(message, { code: "usage", hint: EXAMPLE });
}
