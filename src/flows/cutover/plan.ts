import { ClusterflowError } from "../../core/errors.ts";
import { flawOf } from "../../pipeline/cutover/event.ts";
import { isClosed, planOf, type PlanNames, type State, type Step } from "../../pipeline/cutover/states.ts";
import { otherStreamOf, type Cutover } from "../../postgres/cutover/desk.ts";
import { sampleRows } from "../../postgres/cutover/history.ts";
import {
  isThere,
  keptName,
  lookAtSource,
  timesWithoutZone,
  type SourceTable,
} from "../../postgres/cutover/source-table.ts";
import { ask, cutoverOf, type CutoverOptions, type World } from "./world.ts";

export interface Plan {
  readonly stream: string;
  readonly state: State;
  readonly steps: readonly { readonly step: Step; readonly will: readonly string[] }[];
  /** What is worth knowing before. */
  readonly remarks: readonly string[];
}

/** Rows from either end of the table that are tried as events. */
const SAMPLE = 500;
const WAY: readonly Step[] = ["start", "backfill", "verify", "finish", "retire"];

/** Looks whether the table can be moved, and says what each step would do. Changes nothing. */
export async function planCutover(world: World, options: CutoverOptions): Promise<Plan> {
  const cutover = await cutoverOf(world);
  const source = await chosenTable(world, cutover, options);
  const remarks = await remarksOn(world, source);
  const names = namesOf(world, source);
  const steps = WAY.map((step) => ({ step, will: planOf(step, names) }));
  return { stream: world.stream.name, state: cutover?.state ?? "pg-only", steps, remarks };
}

export function namesOf(
  { stream, settings }: Pick<World, "stream" | "settings">,
  source: Pick<SourceTable, "table">,
): PlanNames {
  return {
    stream: stream.name,
    table: source.table.join("."),
    kept: keptName(source).join("."),
    topic: settings.kafka.topic,
  };
}

/** Until a cut-over is under way another table may be chosen; then its own counts. */
export async function chosenTable(
  world: World,
  cutover: Cutover | null,
  { table, timeZone }: CutoverOptions,
): Promise<SourceTable> {
  const chosen = table ?? cutover?.table;
  if (chosen === undefined)
    throw new ClusterflowError(`which table is to become topic ${world.settings.kafka.topic}?`, {
      code: "usage",
      hint: `clusterflow cutover plan --stream ${world.stream.name} --table SCHEMA.TABLE`,
    });
  if (cutover !== null) checkSameTable(cutover, chosen);
  const zone = timeZone ?? cutover?.timeZone ?? "UTC";
  const at = isClosed(cutover?.state) ? keptName({ table: chosen }) : chosen;
  return ask(world, () => lookAtSource(world.source, chosen, zone, at));
}

const OPEN_STATES: readonly State[] = ["pg-only", "rolled-back", "retired"];

function checkSameTable({ state, stream, table }: Cutover, chosen: SourceTable["table"]): void {
  if (OPEN_STATES.includes(state) || chosen.join(".") === table.join(".")) return;
  throw new ClusterflowError(
    `the cut-over of ${stream} is about ${table.join(".")}, not ${chosen.join(".")}`,
    {
      code: "usage",
      hint: `clusterflow cutover status --stream ${stream}`,
    },
  );
}

/** Throws `refused` for a table that cannot be moved. */
export async function remarksOn(world: World, source: SourceTable): Promise<readonly string[]> {
  const { settings, target } = world;
  const isSame = (["host", "port", "database"] as const).every(
    (part) => settings.source[part] === settings.database[part],
  );
  if (isSame && source.table.join(".") === target.table.join("."))
    throw refused(`${source.table.join(".")} is the very table in which the events are stored`);
  if (world.stream.topic.config["cleanup.policy"]?.includes("compact") === true)
    throw refused(
      `topic ${settings.kafka.topic} is compacted: of the events of one key it would keep the last`,
    );
  const other = await ask(world, () => otherStreamOf(world.source, world.stream.name, source.table));
  if (other !== null) throw refused(`${source.table.join(".")} is on its way to stream ${other}`);
  const kept = keptName(source);
  if (source.at === source.table && (await ask(world, () => isThere(world.source, kept))))
    throw refused(
      `there is a ${kept.join(".")} already, which would be the name of ${source.table.join(".")}`,
    );
  const zoneless = timesWithoutZone(source);
  return [
    ...(await remarksOnRows(world, source)),
    ...(zoneless.length === 0
      ? []
      : [`times without a zone are read as ${source.timeZone} (--time-zone): ${zoneless.join(", ")}`]),
    ...remarksOnColumns(world, source),
  ];
}

async function remarksOnRows(world: World, source: SourceTable): Promise<readonly string[]> {
  const rows = await ask(world, () => sampleRows(world.source, source, SAMPLE));
  for (const row of rows) {
    const flaw = flawOf(world.stream, world.target, row);
    if (flaw !== null) throw refused(`row ${row.id} cannot be an event of ${world.stream.name}: ${flaw}`);
  }
  return rows.length === 0
    ? [`${source.table.join(".")} has no rows, so it was not tried whether they can be events`]
    : [];
}

/** Streams may read a column from anywhere in a message, so a name that is missing is no fault in itself. */
function remarksOnColumns({ stream, target }: World, source: SourceTable): readonly string[] {
  const names = new Set(source.columns.map(({ name }) => name));
  const missing = Object.keys(target.columns).filter(
    (column) => !names.has(column) && !target.identity.includes(column),
  );
  return missing.length === 0
    ? []
    : [`${source.table.join(".")} has no column ${missing.join(", ")}, which ${stream.name} stores`];
}

function refused(sentence: string): ClusterflowError {
  return new ClusterflowError(sentence, {
    code: "refused",
    hint: "nothing was changed; mend it, or move another table with --table SCHEMA.TABLE",
  });
}
