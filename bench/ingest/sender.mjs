// Sends events in a process of its own, and times the answers: node bench/ingest/sender.mjs '{"way": "gateway", "run":
// "a", "from": 0, "batch": 100, "connections": 16, "seconds": 10, "perSecond": null, …}', where `perSecond` is events a
// second; without it each connection sends as soon as it is answered. Stdout gets one JSON document.
import { performance } from "node:perf_hooks";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { toGateway, toKafka } from "./ways.mjs";

const task = JSON.parse(process.argv[2]);
const { from, batch, connections, seconds, perSecond } = task;
const way = task.way === "gateway" ? toGateway(task) : await toKafka(task);
const failed = [];
const latenciesMs = [];
const free = [];
let next = from;
let open = connections;

async function sendNext(since) {
  const first = next;
  next += batch;
  if (await way.send(first)) latenciesMs.push(Math.round((performance.now() - since) * 1000) / 1000);
  else failed.push(...Array.from({ length: batch }, (_, i) => first + i));
}

async function withoutPause(until) {
  const one = async () => {
    while (performance.now() < until) await sendNext(performance.now());
  };
  await Promise.all(Array.from({ length: connections }, one));
}

/** A request waits while all connections are busy, and its time runs from when it was due: nothing is left out. */
async function paced(begun) {
  const perMs = perSecond / batch / 1000;
  const total = Math.max(1, Math.floor(perMs * seconds * 1000));
  const running = [];
  while (running.length < total) {
    const due = Math.min(total, Math.floor((performance.now() - begun) * perMs) + 1);
    while (running.length < due) running.push(sendWhenFree(begun + running.length / perMs));
    await delay(1);
  }
  await Promise.all(running);
}

async function sendWhenFree(since) {
  if (open > 0) open -= 1;
  else await new Promise((resolve) => free.push(resolve));
  await sendNext(since);
  const waiting = free.shift();
  if (waiting === undefined) open += 1;
  else waiting();
}

const begun = performance.now();
if (perSecond === null) await withoutPause(begun + seconds * 1000);
else await paced(begun);
const took = (performance.now() - begun) / 1000;
await way.close();
process.stdout.write(JSON.stringify({ to: next, failed, seconds: took, latenciesMs }));
