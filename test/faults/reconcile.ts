import { plainKafka } from "../support/produce.ts";
import { natureOf } from "./feed.ts";
import type { MemberReport } from "./member.ts";
import type { World } from "./world.ts";

/**
 * What went in against what is there, by plain SQL and a plain client of Kafka: each sentence is something that may
 * not be. No sentence, and nothing was lost, doubled or written by somebody who had no right to.
 */
export async function reconcile(world: World): Promise<readonly string[]> {
  const offences = [await wrongRows(world), await wrongDeadLetters(world), await wrongLedger(world)];
  return [...offences.flat(), ...toldTwice(world)];
}

async function wrongRows({ sql, feed: { produced } }: World): Promise<readonly string[]> {
  const good = numbers(produced).filter((n) => natureOf(n) === "good");
  const [is] = await sql<[{ rows: number; distinct: number; first: number | null; last: number | null }]>`
    SELECT count(*)::integer AS rows, count(DISTINCT id)::integer AS distinct,
           min(id)::integer AS first, max(id)::integer AS last FROM public.append`;
  const lost = await sql<{ n: number }[]>`
    SELECT n FROM unnest(${good}::integer[]) AS n EXCEPT SELECT id::integer FROM public.append ORDER BY n LIMIT 5`;
  const said: string[] = [];
  if (is.rows !== is.distinct) said.push(`${is.rows - is.distinct} rows are there twice`);
  if (is.distinct !== good.length) said.push(`${is.distinct} events are rows, ${good.length} should be`);
  if (lost.length > 0) said.push(`lost: ${lost.map(({ n }) => n).join(", ")}, …`);
  return said;
}

async function wrongDeadLetters({
  sql,
  feed: { produced },
  topic,
  group,
}: World): Promise<readonly string[]> {
  const due = numbers(produced).filter((n) => natureOf(n) !== "good");
  const found = await sql<{ n: number; stage: string; sqlstate: string | null }[]>`
    SELECT convert_from(key, 'UTF8')::integer AS n, stage, sqlstate FROM clusterflow.dead_letters
     WHERE topic = ${topic} AND "group" = ${group} ORDER BY 1`;
  const said: string[] = [];
  const [is, should] = [found.map(({ n }) => n).join(), due.join()];
  if (is !== should) said.push(`dead letters are ${is}; they should be ${should}`);
  for (const { n, stage, sqlstate } of found) {
    const why = `${stage} ${sqlstate ?? ""}`;
    if (why !== (natureOf(n) === "no JSON" ? "decode " : "write 22P02"))
      said.push(`${n} is a dead letter by ${why}`);
  }
  return said;
}

/** The ledger against its own counts, and against the ends of the topic. */
async function wrongLedger({ sql, servers, topic, group }: World): Promise<readonly string[]> {
  const admin = plainKafka(servers.brokers).admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const ledger = await sql<{ partition: number; first: string; next: string; counted: string }[]>`
    SELECT partition, first_offset AS first, next_offset AS next, first_offset + stored + dead_lettered AS counted
      FROM clusterflow.offsets WHERE topic = ${topic} AND "group" = ${group}`;
  return ends.flatMap(({ partition, low, high }) => {
    const is = ledger.find((row) => row.partition === partition);
    if (is?.first === low && is.next === high && is.counted === high) return [];
    return [`partition ${partition} reaches from ${low} to ${high}, the ledger says ${JSON.stringify(is)}`];
  });
}

/** No offset may be told as stored by two processes, nor twice by one. */
function toldTwice({ members }: World): readonly string[] {
  const stored = members.flatMap((member) => member.of("batch-stored")).map(rangeOf);
  stored.sort((left, right) => left.partition - right.partition || left.start - right.start);
  return stored.flatMap((range, at) => {
    const before = stored[at - 1];
    if (before?.partition !== range.partition || before.end <= range.start) return [];
    return [`partition ${range.partition} from ${range.start} was told twice`];
  });
}

function rangeOf({ partition = -1, start = -1, end = -1 }: MemberReport): {
  partition: number;
  start: number;
  end: number;
} {
  return { partition, start, end };
}

function numbers(end: number): number[] {
  return Array.from({ length: end }, (_, n) => n);
}
