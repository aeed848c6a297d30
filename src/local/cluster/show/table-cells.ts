import { isJsonObject, type Json, type JsonObject } from "../../../core/json.ts";
import { secondsOf } from "../synthetic/clock.ts";

/** What one cell of a table shows of an object. */
export type Cell = (document: JsonObject) => Json;

/** The value that a path of field names leads to. */
export function at(value: Json | undefined, path: string): Json | undefined {
  return path
    .split(".")
    .reduce<Json | undefined>((inner, field) => (isJsonObject(inner) ? inner[field] : undefined), value);
}

function listAt(document: JsonObject, path: string): readonly JsonObject[] {
  const list = at(document, path);
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

/** A text or a number as text; nothing for what is neither. */
function word(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

export function shown(path: string, missing = "<none>"): Cell {
  return (document) => at(document, path) ?? missing;
}

export function count(path: string): Cell {
  return (document) => at(document, path) ?? 0;
}

/** One field of each member of a list. */
export function joined(path: string, field: string): Cell {
  return (document) =>
    listAt(document, path)
      .map((entry) => word(entry[field]))
      .join(",");
}

/** `3/4`. */
export function ratio(part: string, whole: string): Cell {
  return (document) => `${word(count(part)(document))}/${word(count(whole)(document))}`;
}

export function labels(path: string): Cell {
  return (document) => {
    const value = at(document, path);
    if (!isJsonObject(value)) return "<none>";
    return Object.entries(value)
      .map(([name, label]) => `${name}=${word(label)}`)
      .join(",");
  };
}

/** How many keys the fields have together. */
export function keys(...fields: readonly string[]): Cell {
  return (document) =>
    fields.reduce(
      (sum, field) => sum + Object.keys(isJsonObject(document[field]) ? document[field] : {}).length,
      0,
    );
}

/** In one unit, the largest in which it is still telling. */
export function ageOf(document: JsonObject, now: number): string {
  const seconds = now - secondsOf(word(at(document, "metadata.creationTimestamp")));
  if (seconds < 120) return `${Math.max(0, Math.floor(seconds))}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

export function podReady(document: JsonObject): string {
  const ready = listAt(document, "status.containerStatuses").filter(
    (status) => status["ready"] === true,
  ).length;
  return `${ready}/${listAt(document, "spec.containers").length}`;
}

/** Why a container waits or ended says more than the phase. */
export function podStatus(document: JsonObject): Json {
  const reasons = listAt(document, "status.containerStatuses").map((status) => {
    return at(status, "state.waiting.reason") ?? at(status, "state.terminated.reason");
  });
  return reasons.find((reason) => reason !== undefined) ?? shown("status.phase")(document);
}

export function podRestarts(document: JsonObject): string {
  const restarts = listAt(document, "status.containerStatuses").map((status) =>
    Number(status["restartCount"]),
  );
  return String(restarts.reduce((sum, value) => sum + value, 0));
}

export function nodeReady(document: JsonObject): string {
  const ready = listAt(document, "status.conditions").find((condition) => condition["type"] === "Ready");
  return ready?.["status"] === "True" ? "Ready" : "NotReady";
}

export function nodeAddress(document: JsonObject): Json {
  return listAt(document, "status.addresses")[0]?.["address"] ?? "<none>";
}

/** `80/TCP,443/TCP`. */
export function servicePorts(document: JsonObject): string {
  return listAt(document, "spec.ports")
    .map(({ port, protocol }) => `${word(port)}/${word(protocol)}`)
    .join(",");
}

/** ReadWriteOnce is RWO. */
export function accessModes(document: JsonObject): string {
  const modes: unknown = at(document, "spec.accessModes");
  return Array.isArray(modes) ? modes.map((mode) => String(mode).replace(/[a-z]/g, "")).join(",") : "";
}

/** `namespace/name` of the claim that has the volume. */
export function claimOf(document: JsonObject): string {
  const claim = at(document, "spec.claimRef");
  return claim === undefined ? "" : `${word(at(claim, "namespace"))}/${word(at(claim, "name"))}`;
}
