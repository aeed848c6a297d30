import type { Environment } from "./env.ts";
import { Findings } from "./findings.ts";
import { parseLogFormat, parseLogLevel } from "./parsers.ts";
import type { LogSettings } from "./parts.ts";
import { type Layer, openLayers, type SettingsInput } from "./sources/layers.ts";
import { resolveValues } from "./sources/resolve.ts";

/** How the command shall speak. It is told at once, so that what is wrong with the rest comes in that form, too. */
export function readLog(layers: readonly Layer[], input: SettingsInput, findings: Findings): void {
  const values = resolveValues(layers, ["log"], findings);
  const level = values.parse("logLevel", parseLogLevel) ?? "info";
  const format = values.parse("logFormat", parseLogFormat) ?? "text";
  input.onLog?.({ level, format });
}

/** As the environment alone says it: for what goes wrong before the settings are read, and commands that have none. */
export function logOf(environment: Environment): LogSettings {
  let log: LogSettings = { level: "info", format: "text" };
  const findings = new Findings();
  const input: SettingsInput = {
    flags: {},
    environment,
    envFiles: [],
    directory: ".",
    onLog: (said) => (log = said),
  };
  readLog(openLayers(input, [], findings), input, findings);
  return log;
}
