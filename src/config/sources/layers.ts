import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { assertNever } from "../../core/never.ts";
import { KNOWN_NAMES, SETTING_IDS, settingOf, type SettingId } from "../catalogue.ts";
import { KAFKA_SECURITY } from "../foreign-names.ts";
import type { Environment } from "../env.ts";
import type { Findings } from "../findings.ts";
import type { LogSettings } from "../parts.ts";
import { decodeValue, type Reading } from "./env-value.ts";
import { readEnvFile } from "./env-file.ts";
import { isTypo, nearestName } from "./nearest.ts";
import { readSecretFile } from "./secret-file.ts";

/** What the settings of one command are made of. */
export interface SettingsInput {
  /**
   * Commander's options as they are: `dbHost` for `--db-host`. Texts count, and `true` for `once` and
   * `allowDatabaseEnv`; what is no setting is passed over.
   */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Environment;
  /** Paths given with `-f`; a later one counts more. With any, the mode's own file is not read. */
  readonly envFiles: readonly string[];
  /** What relative paths are relative to: the current directory. */
  readonly directory: string;
  /** Is told how to speak as soon as that is known. */
  readonly onLog?: (log: LogSettings) => void;
}

export type Origin =
  | { readonly kind: "flag" }
  | { readonly kind: "environment" }
  | { readonly kind: "file"; readonly path: string; readonly line: number };

/** A setting that somebody gave, under one of its names. Its value is only looked at by `read`. */
export interface Given {
  readonly id: SettingId;
  /** The variable, or the flag with its dashes. */
  readonly name: string;
  readonly origin: Origin;
  /** Given as the path of a file that holds it. */
  readonly indirect: boolean;
  /** Taken out of a database address: which part of it. Such a value is never shown, it may be a displaced password. */
  readonly part: string | null;
  read(): Reading;
  /** As it stands there: the path, of a secret that lies in a file. */
  written(): Reading;
}

/** A key of commander's as it is typed: `--db-host` for `dbHost`. */
export function dashed(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Everything that one source says; of several sources the earlier one wins, setting by setting. */
export type Layer = readonly Given[];

/** The sources in falling precedence: flags, environment, env files (the last one named first), libpq's own variables. */
export function openLayers(
  input: SettingsInput,
  defaultFiles: readonly string[],
  findings: Findings,
): readonly Layer[] {
  const named = input.envFiles.toReversed();
  const paths =
    named.length > 0 ? named : defaultFiles.filter((path) => existsSync(resolve(input.directory, path)));
  const files = paths.map((path) => fileLayer(input, path, findings));
  noticeStrangers(input.environment, findings);
  return [flagLayer(input), environmentLayer(input, false), ...files, environmentLayer(input, true)];
}

/** The environment is full of names that are none of our business, so only these are worth a word. */
function noticeStrangers(environment: Environment, findings: Findings): void {
  for (const name of Object.keys(environment)) {
    if (!/^(KAFKA|DATABASE|DB|POSTGRES|CLUSTERFLOW)_/.test(name) || KNOWN_NAMES.has(name)) continue;
    if (KAFKA_SECURITY.test(name)) {
      findings.notice(`${name} in the environment ${unknownSecurity(name)}`);
    } else if (isTypo(name)) {
      findings.notice(`${name} in the environment is not read; did you mean ${nearestName(name) ?? ""}?`);
    }
  }
}

/** For a name that asks for a protection which then would not be there. */
function unknownSecurity(name: string): string {
  const nearest = nearestName(name);
  const advice = nearest === null ? "" : `; did you mean ${nearest}?`;
  return `is about TLS or SASL to Kafka and not a setting that clusterflow knows${advice}`;
}

/** `KAFKA_TOPIC in env/.env.hybrid:3`, `KAFKA_TOPIC in the environment`, `--topic`, `the port of DATABASE_URL in ...`. */
export function nameAndPlace({ name, origin, part }: Given): string {
  const named = part === null ? name : `the ${part} of ${name}`;
  switch (origin.kind) {
    case "flag":
      return named;
    case "environment":
      return `${named} in the environment`;
    case "file":
      return `${named} in ${origin.path}:${origin.line}`;
    default:
      return assertNever(origin);
  }
}

function flagLayer({ flags, directory }: SettingsInput): Layer {
  return SETTING_IDS.flatMap((id): Given[] => {
    const { flag, secret } = settingOf(id);
    if (flag === undefined) return [];
    const key = secret === true ? `${flag}File` : flag;
    const value = flags[key] === true ? "true" : flags[key];
    if (typeof value !== "string") return [];
    const name = dashed(key);
    return [
      given({ id, name, origin: { kind: "flag" }, indirect: secret === true }, directory, () => ({
        text: value,
      })),
    ];
  });
}

function environmentLayer({ environment, directory }: SettingsInput, libpq: boolean): Layer {
  return [...KNOWN_NAMES].flatMap(([name, known]): Given[] => {
    const value = environment[name];
    if (value === undefined || known.libpq !== libpq || isServiceLink(name, value)) return [];
    const origin: Origin = { kind: "environment" };
    return [given({ id: known.id, name, origin, indirect: known.file }, directory, () => ({ text: value }))];
  });
}

/**
 * Kubernetes tells every pod of every service in its namespace: beside a service called `postgres` or `db` the
 * environment holds POSTGRES_PORT or DB_PORT as `tcp://10.96.0.7:5432`. Nobody gave those, so they are no setting.
 * https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
 */
export function isServiceLink(name: string, value: string): boolean {
  return name.endsWith("_PORT") && /^(tcp|udp|sctp):\/\//.test(value);
}

function fileLayer(input: SettingsInput, path: string, findings: Findings): Layer {
  const file = readEnvFile(input.directory, path, findings);
  return file.lines.flatMap(({ name, raw, line }): Given[] => {
    const known = KNOWN_NAMES.get(name);
    if (known === undefined) return [];
    const origin: Origin = { kind: "file", path: file.path, line };
    return [
      given({ id: known.id, name, origin, indirect: known.file }, input.directory, () => decodeValue(raw)),
    ];
  });
}

function given(
  about: Omit<Given, "read" | "written" | "part">,
  directory: string,
  direct: () => Reading,
): Given {
  return {
    ...about,
    part: null,
    written: direct,
    read: () => {
      const reading = direct();
      if (!about.indirect || !("text" in reading) || reading.text === "") return reading;
      return readSecretFile(directory, reading.text);
    },
  };
}
