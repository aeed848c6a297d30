// One consumer process of the built program over one stream of a module:
//   node test/support/stream-member.mjs '{"module": "/…/event-streams.mjs", "stream": "append", "settings": {…}, "options": {…}}'
// `settings` is what `ConsumerSettings` says, `options` what `ConsumeOptions` does. Reports go to stderr, one JSON
// document a line; at the end stdout gets what it took. SIGTERM drains.
import { performance } from "node:perf_hooks";
import process from "node:process";
import { kafkaToPostgres } from "../../dist/flows/kafka-to-postgres.js";

const { module, stream, settings, options } = JSON.parse(process.argv[2]);
const { STREAMS } = await import(module);

const stop = new AbortController();
process.on("SIGTERM", () => stop.abort(new Error("told to stop")));

let first = null;
let last = null;
let storedFirst = 0;
const tell = (report) => {
  if (report.kind === "batch-stored") {
    last = Date.now();
    if (first === null) [first, storedFirst] = [last, report.stored];
  }
  process.stderr.write(`${JSON.stringify(report, (_, it) => (typeof it === "bigint" ? Number(it) : it))}\n`);
};

try {
  const summary = await kafkaToPostgres(
    { http: null, deadLetters: { maxInARow: 100, topic: null }, ...settings },
    STREAMS[stream],
    { untilEnd: false, giveUpAfterMs: null, ...options },
    { tell, signal: stop.signal, environment: process.env },
  );
  const { user, system } = process.cpuUsage();
  const took = {
    stored: Number(summary.stored),
    /** From the birth of the process to the first row. */
    firstMs: first === null ? null : first - performance.timeOrigin,
    /** From the first batch to the last one, without the rows of the first. */
    seconds: first === null ? 0 : (last - first) / 1000,
    rows: Number(summary.stored) - storedFirst,
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify(took)}\n`);
  process.exit(0);
} catch (error) {
  process.stderr.write(
    `${JSON.stringify({ kind: "failed", code: error?.code, message: String(error?.message) })}\n`,
  );
  process.exit(1);
}
