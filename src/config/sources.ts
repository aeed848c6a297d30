import { Findings } from "./findings.ts";
import { defaultFiles, type Role } from "./role.ts";
import { type Layer, openLayers, type SettingsInput } from "./sources/layers.ts";

/** What a command's settings come from, read once: the stream is chosen first, and a file may be a pipe. */
export interface Sources {
  readonly input: SettingsInput;
  readonly role: Role;
  readonly layers: readonly Layer[];
  /** What reading them brought up; each who makes settings of them goes on with a copy. */
  readonly findings: Findings;
}

export function openSources(input: SettingsInput, role: Role): Sources {
  const findings = new Findings();
  return { input, role, layers: openLayers(input, defaultFiles(role, input.directory), findings), findings };
}

/**
 * What was read already, for one more who makes settings of it. A role that has another file of its own reads that one;
 * files that were named count for every role.
 */
export function sourcesFor(role: Role, given: SettingsInput | Sources): Sources {
  const opened = "layers" in given ? given : openSources(given, role);
  const isSame = opened.role === role || opened.input.envFiles.length > 0;
  const sources = isSame ? opened : openSources(opened.input, role);
  return { ...sources, findings: sources.findings.copy() };
}
