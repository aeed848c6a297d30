// The consumer of stream-member.mjs without its guarantee, to see what that costs: the same process, the same statement
// with the fence taken out, and the offsets stored afterwards by a statement of their own that does not wait for the disk,
// every five seconds as Kafka's own consumers commit. What is lost is the promise: a kill would double those rows.
import { Connection } from "../../dist/postgres/connection.js";

const FENCE = /fence AS \(\s*UPDATE([\s\S]*?)RETURNING 1\s*\)/;
const STORE = `
  WITH hurried AS (SELECT set_config('synchronous_commit', 'off', true))
  UPDATE clusterflow.offsets SET next_offset = $4::bigint FROM hurried
   WHERE "group" = $1 AND topic = $2 AND partition = $3 AND next_offset < $4::bigint`;
const STORE_MS = 5000;

const texts = new Map();
const storedAt = new Map();
const query = Connection.prototype.query;

Connection.prototype.query = async function (text, parameters = [], options = {}) {
  if (!FENCE.test(text)) return query.call(this, text, parameters, options);
  if (!texts.has(text)) texts.set(text, withoutFence(text));
  const answer = await query.call(this, texts.get(text), parameters, options);
  const [group, topic, partition, , end] = parameters;
  if (Date.now() - (storedAt.get(partition) ?? 0) > STORE_MS) {
    storedAt.set(partition, Date.now());
    await query.call(this, STORE, [group, topic, partition, end], options);
  }
  return answer;
};

/** One row, as the fence would give, that looks nothing up and writes nothing; all parameters keep their types. */
function withoutFence(text) {
  const used = new Set(FENCE.exec(text)[1].match(/\$\d+::\w+/g));
  const typed = ["$1::text", "$2::text", "$3::integer", ...used].join(", ");
  return text.replace(FENCE, () => `fence AS (SELECT 1 WHERE ROW(${typed}) IS NOT NULL)`);
}

await import("../../test/support/stream-member.mjs");
