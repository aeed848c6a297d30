import type { Findings } from "./findings.ts";
import { parseBoolean, parseMode } from "./parsers.ts";
import { type Layer, nameAndPlace } from "./sources/layers.ts";
import { type Found, resolveValues } from "./sources/resolve.ts";

export type CollectorMode = "legacy" | "hybrid-kafka";

interface Said {
  readonly mode: CollectorMode;
  readonly place: string;
}

/**
 * The mode that the highest source names, with `--mode`, CLUSTERFLOW_MODE or KAFKA_ENABLED; null when none does.
 * Two that contradict each other within one source are a problem; a lower source that says otherwise is overruled,
 * and that is told.
 */
export function decideMode(layers: readonly Layer[], findings: Findings): Said | null {
  const said = layers.map((layer) => saidIn(layer, findings)).filter((one) => one !== null);
  const [first] = said;
  for (const other of said.slice(1)) {
    if (first === undefined || other.mode === first.mode) continue;
    findings.notice(
      `${other.place} means mode ${other.mode}; ${first.place} counts more: mode ${first.mode}`,
    );
  }
  return first ?? null;
}

function saidIn(layer: Layer, findings: Findings): Said | null {
  const values = resolveValues([layer], ["mode"], findings);
  const mode = values.parse("mode", parseMode);
  const isKafka = values.parse("kafkaEnabled", parseBoolean);
  const byMode = mode === null ? null : { mode, place: placeOf(values.find("mode")) };
  const byFlag = isKafka === null ? null : saidByFlag(isKafka, placeOf(values.find("kafkaEnabled")));
  if (byMode !== null && byFlag !== null && byMode.mode !== byFlag.mode) {
    findings.problem(
      `${byMode.place} says ${byMode.mode} and ${byFlag.place} means ${byFlag.mode}; keep one of them`,
    );
  }
  return byMode ?? byFlag;
}

function saidByFlag(isKafka: boolean, place: string): Said {
  return { mode: isKafka ? "hybrid-kafka" : "legacy", place };
}

function placeOf(found: Found | null): string {
  return found?.given ? nameAndPlace(found.given) : "the default";
}
