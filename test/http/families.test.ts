import parse from "parse-prometheus-text-format";
import { expect, it } from "vitest";
import { exposition } from "../../src/http/exposition.ts";
import { familiesOf } from "../../src/http/families.ts";
import { LoopDelay } from "../../src/http/loop-delay.ts";
import { Observed } from "../../src/pipeline/observed.ts";

function shown(observed: Observed): ReturnType<typeof parse> {
  using delay = new LoopDelay();
  return parse(exposition(familiesOf(observed, delay)));
}

function metricsOf(
  observed: Observed,
  name: string,
): ReturnType<typeof parse>[number]["metrics"] | undefined {
  return shown(observed).find((family) => family.name === name)?.metrics;
}

it("shows everything once, each with its help and type, before anything has happened", () => {
  const families = shown(new Observed("t"));
  const names = families.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(families.filter(({ help, type }) => help === "" || type === "UNTYPED")).toEqual([]);
  expect(names.filter((name) => !/^(clusterflow|process)_[a-z_]+$/.test(name))).toEqual([]);
});

it("shows what was stored, how long it took, and where each partition stands", () => {
  let now = 0;
  const observed = new Observed("inventory", () => now);
  observed.see({ kind: "joined", partitions: [0, 3] });
  observed.see({ kind: "claimed", partition: 0, next: 100n });
  observed.see({ kind: "ends", ends: new Map([[0, 150n], [3, 7n], [5, 9n]]) }); // prettier-ignore
  const newestAt = Date.now() - 90_000;
  observed.see({ kind: "stored", partition: 0, end: 120n, stored: 18, deadLettered: 2, newestAt, ms: 30 });
  observed.see({ kind: "held", partition: 0, why: "full" });
  now = 4_000;
  observed.see({ kind: "released", partition: 0, why: "full" });
  observed.see({ kind: "held", partition: 0, why: "full" });
  now = 5_500;
  const labels = { topic: "inventory", partition: "0" };
  expect(metricsOf(observed, "clusterflow_records_stored_total")).toEqual([{ value: "18" }]);
  expect(metricsOf(observed, "clusterflow_records_dead_lettered_total")).toEqual([{ value: "2" }]);
  expect(metricsOf(observed, "clusterflow_partitions")).toEqual([{ value: "2" }]);
  expect(metricsOf(observed, "clusterflow_consumer_lag_offsets")).toEqual([{ labels, value: "30" }]);
  expect(metricsOf(observed, "clusterflow_paused_seconds_total")).toEqual([
    { labels: { ...labels, why: "full" }, value: "5.5" },
  ]);
  const [lag] = metricsOf(observed, "clusterflow_consumer_lag_seconds") ?? [];
  expect(Number(lag?.value)).toBeGreaterThanOrEqual(90);
  expect(Number(lag?.value)).toBeLessThan(100);
  const [batches] = metricsOf(observed, "clusterflow_batch_seconds") ?? [];
  expect(batches).toMatchObject({
    count: "1",
    sum: "0.03",
    buckets: { "0.02": "0", "0.05": "1", "+Inf": "1" },
  });
});

it("shows troubles by few and known words, and never a host, a user or what a server said", () => {
  const observed = new Observed("t");
  const server = "PostgreSQL secret-host:5432/secret-db as secret-user";
  observed.see({ kind: "away", server });
  for (const code of ["57P01", "57P03", "EPIPE", "ECONNREFUSED", "kafka", null])
    observed.see({ kind: "retry", code });
  observed.see({ kind: "rebuilt", why: "stalled" });
  observed.see({ kind: "fenced", partition: 0 });
  expect(metricsOf(observed, "clusterflow_waiting")).toEqual([
    { labels: { server: "kafka" }, value: "0" },
    { labels: { server: "postgresql" }, value: "1" },
  ]);
  expect(metricsOf(observed, "clusterflow_retries_total")).toEqual([
    { labels: { class: "sqlstate_57" }, value: "2" },
    { labels: { class: "connection" }, value: "3" },
    { labels: { class: "kafka" }, value: "1" },
  ]);
  expect(metricsOf(observed, "clusterflow_consumer_rebuilds_total")).toEqual([
    { labels: { why: "stalled" }, value: "1" },
  ]);
  expect(metricsOf(observed, "clusterflow_fence_losses_total")).toEqual([{ value: "1" }]);
  using delay = new LoopDelay();
  expect(exposition(familiesOf(observed, delay))).not.toContain("secret");
});
