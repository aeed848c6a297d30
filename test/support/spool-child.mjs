// Started by spool-child.ts. writeSync, so that what was said before a kill has been said.
import { Buffer } from "node:buffer";
import { subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";
import process from "node:process";
import { setImmediate } from "node:timers/promises";

const { program, options, from, callers, replays, calls, kill } = JSON.parse(process.argv[2]);
const { openSpool } = await import(`${program}/spool/spool.js`);
const say = (what) => writeSync(1, `${JSON.stringify(what)}\n`);

let left = kill?.nth ?? 0;
subscribe("clusterflow:point", ({ point }) => {
  if (point === kill?.point && --left === 0) process.kill(process.pid, "SIGKILL");
});

let next = from;
let started = 0;
let appending = true;

async function caller(spool) {
  while (started < calls) {
    started += 1;
    const size = 1 + (next % 3);
    const numbers = Array.from({ length: size }, () => next++);
    try {
      await spool.append(numbers.map((number) => Buffer.from(`${number}:${"x".repeat(number % 400)}`)));
      say({ acknowledged: numbers });
    } catch (error) {
      say({ refused: numbers, code: error.code, vendorCode: error.vendorCode, retryable: error.retryable });
    }
  }
}

async function replay(spool) {
  while (replays) {
    const read = await spool.read({ maxEntries: 7, maxBytes: 4096 });
    if (read === null && !appending) return;
    if (read === null) await setImmediate();
    else {
      say({ read: read.entries.map((entry) => Number.parseInt(entry.toString(), 10)), upTo: read.upTo });
      await spool.confirm(read.upTo);
      say({ confirmed: read.upTo });
    }
  }
}

try {
  const spool = await openSpool({
    minFreeBytes: 0,
    ...options,
    tell: (report) => say({ told: report.text }),
  });
  say({ opened: spool.depth });
  const replaying = replay(spool);
  await Promise.all(Array.from({ length: callers }, () => caller(spool)));
  appending = false;
  await replaying;
  say({ depth: spool.depth });
  await spool.close();
} catch (error) {
  say({ failed: error.message, hint: error.hint });
  process.exitCode = 1;
}
