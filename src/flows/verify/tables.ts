import type { ConsumerSettings } from "../../config/consumer.ts";
import { judgeDoubles } from "../../pipeline/proof/double.ts";
import { judgeOffsets, settledOffsets } from "../../pipeline/proof/offsets.ts";
import type { Findings } from "../../pipeline/proof/proof.ts";
import { judgeRowCounts, judgeRowDigests } from "../../pipeline/proof/rows.ts";
import type { Connection } from "../../postgres/connection.ts";
import { readDoubledDeadLetters } from "../../postgres/proof/doubles.ts";
import { hasSchema } from "../../postgres/proof/has-schema.ts";
import { readLosses } from "../../postgres/proof/losses.ts";
import { readOtherGroups, readPositions } from "../../postgres/proof/positions.ts";
import type { Stream } from "../../streams/define.ts";
import type { FlowRun } from "../run.ts";
import { compareRows } from "./rows.ts";
import { scanTopic } from "./scan.ts";

/**
 * The accounts of a stream of tables: every record that the topic holds is stored or among the dead letters, what is
 * there is waited for, and every row is what its messages make.
 */
export async function verifyTables(
  settings: ConsumerSettings,
  stream: Stream,
  database: Connection,
  { tell, signal }: Pick<FlowRun, "tell" | "signal">,
): Promise<Findings> {
  const { group, kafka } = settings;
  const { topic } = kafka;
  const connection = (await hasSchema(database)) ? database : null;
  const positions = connection === null ? [] : await readPositions(connection, group, topic);
  const { partitions } = await scanTopic({ settings, stream, connection, positions, tell, signal });
  const otherGroups = connection === null ? [] : await readOtherGroups(connection, group, topic);
  const doubles = connection === null ? [] : await readDoubledDeadLetters(connection);
  const rows = connection === null ? null : await compareRows({ settings, stream, connection, signal });
  const losses = connection === null ? [] : await readLosses(connection, group, topic);
  const needed = new Map(partitions.map(({ partition, high }) => [partition, high - 1n]));
  return {
    mode: "hybrid-kafka",
    stream: stream.name,
    topic,
    group,
    otherGroups,
    snapshots: [],
    refused: [],
    partitions: partitions.map(settledOffsets),
    losses,
    ...(rows === null ? {} : { rows: rows.tables }),
    checks: [
      judgeOffsets(partitions, needed, { topic, group, others: otherGroups, losses }),
      ...(rows === null ? [] : [judgeRowCounts(rows), judgeRowDigests(rows)]),
      judgeDoubles(doubles),
    ],
  };
}
