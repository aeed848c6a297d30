import type { Tell } from "../core/report.ts";
import { ClusterflowError } from "../core/errors.ts";
import { exactText } from "../core/exact-json.ts";
import { throughOutages } from "../pipeline/outage.ts";
import type { MessageSink } from "../pipeline/ports.ts";
import type { OutgoingMessage, Stream } from "../streams/define.ts";
import type { Connection } from "./connection.ts";
import { databaseName, toDatabaseError } from "./errors.ts";
import { directStatement } from "./write/statement.ts";

/** A sealed snapshot of a very large cluster is applied by one statement. */
const DEADLINE_MS = 600_000;

export interface DirectSinkOptions {
  readonly stream: Stream;
  /** The sink's own; whoever opened it closes it. */
  readonly connection: Connection;
  readonly tell: Tell;
  readonly giveUpAfterMs: number | null;
}

/**
 * The path without Kafka: the same messages, the same decoding and the same writer as the consumer's, so that both
 * paths store the same rows. There are no offsets; a write whose answer was lost is repeated and finds its parts
 * there already.
 */
export function openDirectSink(options: DirectSinkOptions): MessageSink {
  const { connection } = options;
  const statement = directStatement(options.stream);
  return {
    maxMessageBytes: Number.MAX_SAFE_INTEGER,
    async write(messages, signal) {
      const rows = exactText(messages.flatMap((message) => decodeOwn(options.stream, message)));
      const name = databaseName(connection.settings);
      const call = async (attempt: AbortSignal): Promise<void> => {
        try {
          await connection.query(statement, [rows], { deadlineMs: DEADLINE_MS, signal: attempt });
        } catch (error) {
          throw toDatabaseError(error, connection.settings);
        }
      };
      await throughOutages(call, { name, signal, tell: options.tell, giveUpAfterMs: options.giveUpAfterMs });
      return [];
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Our own message refused by our own stream would be a bug; it must not be lost silently. */
function decodeOwn(stream: Stream, message: OutgoingMessage): readonly unknown[] {
  const decoded = stream.decode({
    key: Buffer.from(message.key),
    value: Buffer.from(message.value),
    timestamp: Date.now(),
  });
  if (decoded.kind === "rows") return decoded.rows;
  const why = decoded.kind === "rejected" ? `refuses: ${decoded.reason}` : "has tables for";
  throw new ClusterflowError(`the collector made a message that its own stream ${why}`, {
    code: "unexpected",
  });
}
