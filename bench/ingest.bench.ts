import { expect, it } from "vitest";
import { measureGateway, measureProducer, type IngestFigures } from "./ingest/measure-ingest.ts";
import { ROUNDS } from "./load/events.ts";
import { report } from "./measure/cli.ts";
import { goalsTable, tableOf, type Goal } from "./measure/table.ts";

const LOAD_SECONDS = Number(process.env["LOAD_SECONDS"] ?? 10);
const BATCHES = [1, 100, 1000];

it("takes events over HTTP, beside a producer that writes them to the same Kafka", async () => {
  const [all, goals]: [IngestFigures[], Goal[]] = [[], []];
  for (const batch of BATCHES) {
    const rounds: { readonly alone: IngestFigures; readonly ours: IngestFigures }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const options = { batch, seconds: LOAD_SECONDS };
      rounds.push({ alone: await measureProducer(options), ours: await measureGateway(options) });
      const { alone, ours } = rounds.at(-1)!;
      report(`round ${round + 1}: ${ours.name}: ${rate(ours)} events/s; ${alone.name}: ${rate(alone)}`);
    }
    for (const { name, acknowledged, lost } of rounds.flatMap(Object.values<IngestFigures>)) {
      expect({ name, lost }).toEqual({ name, lost: 0 });
      expect(acknowledged).toBeGreaterThan(0);
    }
    const [alone, ours] = [middle(rounds.map((one) => one.alone)), middle(rounds.map((one) => one.ours))];
    all.push(alone, ours);
    goals.push(...goalsOf(ours, batch));
  }
  report(`${figures(all)}\n`);
  report(goalsTable(goals));
});

/** The round whose rate is the middle one, as it was. */
function middle(rounds: readonly IngestFigures[]): IngestFigures {
  return rounds.toSorted((one, other) => one.most.rate - other.most.rate)[Math.floor(rounds.length / 2)]!;
}

function goalsOf({ name, most, half }: IngestFigures, batch: number): Goal[] {
  const latency = { what: `${name}, p99 at half of its rate, ms`, value: half.p99, atMost: 50 };
  return batch === 1
    ? [latency]
    : [{ what: `${name}, events/s`, value: most.rate, atLeast: 10_000 }, latency];
}

function rate({ most }: IngestFigures): string {
  return String(Math.round(most.rate));
}

/** Each of ours stands below kafkajs with the same batches, of whose rate it has a part. */
function figures(all: readonly IngestFigures[]): string {
  const head = ["", "events/s", "of kafkajs", "p50 ms", "p99 ms", "at half: p50", "p99", "CPU µs", "peak MB"];
  const lines = all.map((one, at) => {
    const { name, most, half, cpuMicroseconds, peakMegabytes, acknowledged, lost, doubled } = one;
    return [
      ...[name, rate(one), at % 2 === 0 ? "" : (most.rate / all[at - 1]!.most.rate).toFixed(2)],
      ...[most.p50, most.p99, half.p50, half.p99].map((ms) => ms.toFixed(1)),
      ...[cpuMicroseconds, peakMegabytes].map((value) => (value === null ? "" : String(Math.round(value)))),
      ...[acknowledged, lost, doubled].map(String),
    ];
  });
  return tableOf([[...head, "acknowledged", "lost", "doubled"], ...lines]);
}
