import { formatDuration } from "../../core/duration.ts";
import { sleep } from "../../core/signal.ts";
import { checkStep } from "../../pipeline/cutover/states.ts";
import type { MessageSink } from "../../pipeline/ports.ts";
import { countsOf, note, offsetsJson, type Cutover } from "../../postgres/cutover/desk.ts";
import {
  absentOf,
  tallySource,
  tallyTarget,
  type SourceTally,
  type Tally,
} from "../../postgres/cutover/equation.ts";
import { readHistory, type HistoryPage, type HistoryRange as Range } from "../../postgres/cutover/history.ts";
import { eventPrefix, literal } from "../../postgres/cutover/row-text.ts";
import type { SourceTable } from "../../postgres/cutover/source-table.ts";
import { hasSchema } from "../../postgres/proof/has-schema.ts";
import { openLedger } from "../../postgres/ledger.ts";
import { drain } from "./feed.ts";
import { whileHeld, type Held } from "./hold.ts";
import { outcome, type Outcome } from "./outcome.ts";
import { judgedTo } from "./scan.ts";
import { ask, begunCutover, endsOf, openTopic, sourceOf, standingsOf, type World } from "./world.ts";

export interface VerifyOptions {
  /** Milliseconds for which both sides have to be the same. */
  readonly forMs: number;
  /** Milliseconds for which the consumer is waited for. */
  readonly waitMs: number;
}

const SHORTEST_PAUSE_MS = 500;
const LOOK_MS = 300;
/** Rows that are named when some are missing. */
const NAMED = 5;

/** What one look at both sides came to. */
type Look =
  | { readonly kind: "same"; readonly sides: Sides }
  | { readonly kind: "different"; readonly sides: Sides }
  | { readonly kind: "behind"; readonly sentence: string };

interface Sides {
  readonly sent: SourceTally;
  readonly stored: Tally;
}

/**
 * Compares what was sent of the table with what is stored of it, again and again, for as long as it is asked for. Nobody
 * else sends meanwhile, so both sides mean the same rows however fast others write.
 */
export async function verifyCutover(world: World, options: VerifyOptions): Promise<Outcome> {
  checkStep("verify", (await begunCutover(world)).state, world.stream.name);
  return whileHeld(world, async (held) => {
    const before = await held.cutover();
    checkStep("verify", before.state, before.stream);
    const source = await sourceOf(held.world, before);
    const { changes } = await ask(world, () => countsOf(world.source, before.stream));
    if (changes !== null) return changed(before, source, changes);
    await using sink = await openTopic(held.world);
    return await keepLooking(held, sink, source, options);
  });
}

async function keepLooking(
  held: Held,
  sink: MessageSink,
  source: SourceTable,
  { forMs, waitMs }: VerifyOptions,
): Promise<Outcome> {
  const { world } = held;
  const cutover = await held.cutover();
  let sameSince: number | null = null;
  for (let strikes = 0; ;) {
    const begun = performance.now();
    const look = await lookOnce(world, sink, source, waitMs);
    switch (look.kind) {
      case "behind":
        return behind(cutover, look.sentence);
      case "same":
        [strikes, sameSince] = [0, sameSince ?? begun];
        if (performance.now() - sameSince >= forMs) return pass(held, source, look.sides, forMs);
        break;
      case "different":
        // a process that was paused with rows in hand may have sent them between the two looks
        if ((strikes += 1) > 1) return different(world, cutover, source, look.sides);
        sameSince = null;
    }
    await sleep(Math.max(SHORTEST_PAUSE_MS, performance.now() - begun), world.signal);
    world.signal.throwIfAborted();
  }
}

async function lookOnce(world: World, sink: MessageSink, source: SourceTable, waitMs: number): Promise<Look> {
  await drain(world, sink, "nearly");
  const sent = await ask(world, () => tallySource(world.source, world.stream.name, source));
  const ends = endsOf(await standingsOf(world));
  const missing = await waitForConsumer(world, ends, waitMs);
  if (missing !== null) return { kind: "behind", sentence: missing };
  const stored = await ask(world, () => tallyTarget(world.sink, world.target, eventPrefix(source)));
  const isSame = sent.events === stored.events && sent.digest === stored.digest;
  return { kind: isSame ? "same" : "different", sides: { sent, stored } };
}

/** Null as soon as the group has stored all that the topic held; a sentence when it does not get there in time. */
async function waitForConsumer(
  world: World,
  ends: ReadonlyMap<number, bigint>,
  waitMs: number,
): Promise<string | null> {
  const { group, kafka } = world.settings;
  const ledger = openLedger(world.sink, group, world.owner);
  // where nobody ever consumed there is no ledger
  const positionsOf = async (): Promise<ReadonlyMap<number, bigint>> =>
    (await hasSchema(world.sink)) ? ledger.positionsOf(kafka.topic) : new Map<number, bigint>();
  for (const until = performance.now() + waitMs; ;) {
    const positions = await ask(world, positionsOf);
    const behindBy = [...ends].reduce((sum, [partition, end]) => {
      const left = end - (positions.get(partition) ?? 0n);
      return left > 0n ? sum + left : sum;
    }, 0n);
    if (behindBy === 0n) return null;
    if (performance.now() > until)
      return `group ${group} has ${behindBy} messages of topic ${kafka.topic} before it`;
    await sleep(LOOK_MS, world.signal);
    world.signal.throwIfAborted();
  }
}

async function pass(
  { world, cutover }: Held,
  source: SourceTable,
  sides: Sides,
  forMs: number,
): Promise<Outcome> {
  const standings = await standingsOf(world);
  const before = await cutover();
  const judged = await judgedTo(world, before, standings);
  await ask(world, async () => {
    const now = await cutover();
    const state = now.state === "backfilled" ? "verified" : now.state;
    const set = [`judged_to = ${literal(offsetsJson(judged))}`];
    await note(world.source, now, { step: "verify", state, ends: endsOf(standings), set });
  });
  const { sent, stored } = sides;
  const waiting = sent.waiting === 0n ? "" : `, ${sent.waiting} newer ones on their way`;
  const held = forMs === 0 ? "" : ` for ${formatDuration(forMs)}`;
  return outcome(
    "verify",
    await cutover(),
    `proven${held}: ${sent.events} rows of ${source.table.join(".")} sent = ${stored.events} stored${waiting}; 0 lost, 0 double`,
  );
}

function behind(cutover: Cutover, sentence: string): Outcome {
  return outcome("verify", cutover, `in flight: ${sentence}`, {
    code: "timeout",
    next: `clusterflow consume --stream ${cutover.stream}`,
  });
}

function changed(cutover: Cutover, source: SourceTable, changes: string): Outcome {
  const table = source.table.join(".");
  return outcome(
    "verify",
    cutover,
    `wrong: ${table} was changed since the start (${changes}), and events cannot be changed: ` +
      `stop whoever does that, go back, and start again`,
    { code: "wrong", next: `clusterflow cutover rollback --stream ${cutover.stream}` },
  );
}

async function different(
  world: World,
  cutover: Cutover,
  source: SourceTable,
  { sent, stored }: Sides,
): Promise<Outcome> {
  const absent = await absentRows(world, cutover, source);
  const named = absent.length === 0 ? "" : `; not stored: ${absent.slice(0, NAMED).join(", ")}`;
  return outcome(
    "verify",
    cutover,
    `wrong: ${sent.events} rows of ${source.table.join(".")} sent, ${stored.events} stored` +
      `${sent.events === stored.events ? ", with another digest" : ""}${named}; look at clusterflow.dead_letters`,
    { code: "wrong", next: `clusterflow verify --stream ${cutover.stream}` },
  );
}

/** Some that were sent and are not stored, the first of the table. */
async function absentRows(
  world: World,
  { stream }: Cutover,
  source: SourceTable,
): Promise<readonly string[]> {
  for (let after: readonly string[] | null = null; ;) {
    const range: Range = { after, upTo: null };
    const page: HistoryPage = await ask(world, () => readHistory(world.source, stream, source, range));
    if (page.at === null) return [];
    const ids = page.events.map(({ id }) => id);
    const absent = await ask(world, () => absentOf(world.sink, world.target, ids));
    if (absent.length > 0) return absent;
    after = page.at;
  }
}
