import { type Group, SETTING_IDS, settingOf, type SettingId } from "./catalogue.ts";
import { parseCollector } from "./collector.ts";
import { parseConsumer } from "./consumer.ts";
import { defaultSslMode, parseDatabase } from "./database.ts";
import { withDatabaseUrl } from "./database-layers.ts";
import { parseIngest } from "./ingest.ts";
import { Findings } from "./findings.ts";
import { readLog } from "./log.ts";
import { MASK, withoutUserinfo } from "./mask.ts";
import { decideMode } from "./mode.ts";
import { withOwnPlace, type OwnPlace } from "./own-place.ts";
import type { Role } from "./role.ts";
import { sourcesFor, type Sources } from "./sources.ts";
import { type Layer, nameAndPlace, type SettingsInput } from "./sources/layers.ts";
import { type Found, resolveValues } from "./sources/resolve.ts";

/** One setting as `config show` tells it. */
export interface SettingView {
  /** The spelling that clusterflow writes itself. */
  readonly name: string;
  readonly group: Group;
  /** Null when nobody gave one and there is no default; secrets are `***`. */
  readonly value: string | null;
  readonly origin: string;
}

export interface Explanation {
  readonly settings: readonly SettingView[];
  readonly problems: readonly string[];
  readonly notices: readonly string[];
}

/** What a role would run with, and everything wrong with it. Does not throw for wrong settings. */
export function explainSettings(given: SettingsInput | Sources, role: Role, own?: OwnPlace): Explanation {
  const { input, layers: read, findings } = sourcesFor(role, given);
  const layers = own === undefined ? read : withOwnPlace(read, own, findings);
  const groups = groupsOf(role, layers);
  const expanded = groups.includes("database") ? withDatabaseUrl(layers, new Findings()) : layers;
  const values = resolveValues(expanded, groups, new Findings());
  const ids = SETTING_IDS.filter((id) => groups.includes(settingOf(id).group) && id !== "databaseUrl");
  const views = ids.map((id) => viewOf(id, values.find(id)));
  check(role, layers, input, findings);
  return {
    settings: views.map(withSslDefault).map((view) => withStream(view, own)),
    problems: findings.problems,
    notices: findings.notices,
  };
}

/** In Kafka mode the collector's database is not shown either: nothing reads it. */
function groupsOf(role: Role, layers: readonly Layer[]): readonly Group[] {
  if (role === "database") return ["streams", "database", "log"];
  if (role === "consumer") return ["mode", "streams", "kafka", "consumer", "database", "http", "log"];
  if (role === "ingest") return ["mode", "streams", "kafka", "database", "ingest", "log"];
  const isKafka = decideMode(layers, new Findings())?.mode === "hybrid-kafka";
  return ["mode", isKafka ? "kafka" : "database", "kubernetes", "collector", "log"];
}

function viewOf(id: SettingId, found: Found | null): SettingView {
  const setting = settingOf(id);
  const name = setting.names[0] ?? id;
  if (found === null) return { name, group: setting.group, value: null, origin: "not set" };
  const value = setting.secret === true ? MASK : withoutUserinfo(found.text);
  return {
    name,
    group: setting.group,
    value,
    origin: found.given === null ? "default" : nameAndPlace(found.given),
  };
}

/** This default hangs on another setting, so the catalogue cannot name it. */
function withSslDefault(view: SettingView, _: number, views: readonly SettingView[]): SettingView {
  const host = views.find(({ name }) => name === "DATABASE_HOST")?.value;
  if (view.name !== "DATABASE_SSLMODE" || view.value !== null || !host) return view;
  return { ...view, value: defaultSslMode(host), origin: "default" };
}

/** So does this one: on the role. */
function withStream(view: SettingView, own: OwnPlace | undefined): SettingView {
  const isUnsaid = view.name === "CLUSTERFLOW_STREAM" && view.origin === "default";
  return own !== undefined && isUnsaid ? { ...view, value: own.stream } : view;
}

function check(role: Role, layers: readonly Layer[], input: SettingsInput, findings: Findings): void {
  readLog(layers, input, findings);
  if (role === "collector") parseCollector(layers, input, findings);
  else if (role === "consumer") parseConsumer(layers, input, findings);
  else if (role === "ingest") parseIngest(layers, input, findings);
  else parseDatabase(layers, input, findings);
}
