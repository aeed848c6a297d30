import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { parseArgs } from "node:util";
import { ClusterflowError } from "../../core/errors.ts";
import { KINDS } from "../../streams/cluster-info/kinds.ts";
import type { Tls } from "./server.ts";
import type { Rights } from "./access/who.ts";

/** How the simulated server is started. */
export interface SimulatorOptions {
  /** About how many objects the cluster has. */
  readonly objects: number;
  readonly seed: number;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Changes a second. */
  readonly churn: number;
  readonly rights: Rights;
  readonly tls: Tls | null;
}

const TEXT = { type: "string" } as const;
const FLAGS = {
  objects: { ...TEXT, default: "1000" },
  seed: { ...TEXT, default: "1" },
  host: { ...TEXT, default: "127.0.0.1" },
  port: { ...TEXT, default: "0" },
  churn: { ...TEXT, default: "0" },
  token: TEXT,
  deny: { ...TEXT, default: "" },
  "tls-cert": TEXT,
  "tls-key": TEXT,
  "client-ca": TEXT,
} as const;

const USAGE =
  "main.js [--objects N] [--seed S] [--host ADDRESS] [--port P] [--churn CHANGES_PER_SECOND] [--token T] " +
  "[--deny KIND,KIND] [--tls-cert FILE --tls-key FILE [--client-ca FILE]]";

/** Reads the command line; the defaults are a small, quiet cluster on a free loopback port that lets everybody in. */
export function parseOptions(args: readonly string[]): SimulatorOptions {
  const values = parse(args);
  const clientCa = values["client-ca"] ?? null;
  return {
    objects: wholeNumber("objects", values.objects, 1, 10_000_000),
    seed: wholeNumber("seed", values.seed, 0, 2 ** 32 - 1),
    host: values.host,
    port: wholeNumber("port", values.port, 0, 65_535),
    churn: wholeNumber("churn", values.churn, 0, 10_000),
    rights: {
      token: values.token ?? null,
      clientCertificates: clientCa === null ? "ignored" : "accepted",
      denied: new Set(kinds(values.deny)),
    },
    tls: tlsOf(values["tls-cert"] ?? null, values["tls-key"] ?? null, clientCa),
  };
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>["values"] {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true }).values;
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : "the arguments cannot be read");
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw wrong(`--${name} is a whole number from ${least} to ${most}, not "${text}".`);
}

function kinds(text: string): readonly string[] {
  const names = text.split(",").filter((name) => name !== "");
  const unknown = names.find((name) => !KINDS.some(({ resource }) => resource === name));
  if (unknown === undefined) return names;
  throw wrong(`--deny names kinds by their plural, such as secrets; there is no "${unknown}".`);
}

function tlsOf(cert: string | null, key: string | null, clientCa: string | null): Tls | null {
  if (cert === null && key === null && clientCa === null) return null;
  if (cert === null || key === null) throw wrong("TLS needs both --tls-cert and --tls-key.");
  const tls = { cert: pem(cert), key: pem(key), clientCa: clientCa === null ? null : pem(clientCa) };
  try {
    createSecureContext({ cert: tls.cert, key: tls.key, ...(tls.clientCa !== null && { ca: tls.clientCa }) });
  } catch (cause) {
    throw wrong("The TLS files are not usable PEM, or the key does not belong to the certificate.", cause);
  }
  return tls;
}

function pem(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw wrong(`The file ${file} cannot be read.`, cause);
  }
}

function wrong(message: string, cause?: unknown): ClusterflowError {
  return new ClusterflowError(message, { code: "usage", hint: USAGE, cause });
}
