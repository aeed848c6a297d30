// Loaded into a consumer process with `node --import`; FAULT=point:how:nth says what it does to itself, and where.
//   kill   SIGKILL    stop   SIGSTOP    throw   an ordinary error at that point
// One line on stderr says that it happened: a fault that was not seen proves nothing. Another one says that a write was
// refused, which the process itself does not tell when it has let go of the partition by then.
import { subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";
import process from "node:process";
import { setTimeout } from "node:timers";

const SIGNALS = { kill: "SIGKILL", stop: "SIGSTOP" };
/** Until a statement that is the driver's is the server's too, and long before it is answered. */
const ON_THE_WAY_MS = 2;

const [point, how, nth] = (process.env.FAULT ?? "::0").split(":");
let left = Number(nth);
let inFlight = 0;

subscribe("clusterflow:point", (moment) => {
  if (moment.point === "sent") inFlight += 1;
  if (moment.point === "answered") inFlight -= 1;
  if (moment.point === "fenced") writeSync(2, `${JSON.stringify({ kind: "write-refused" })}\n`);
  if (moment.point !== point || left === 0) return;
  left -= 1;
  if (left > 0) return;
  if (point === "sent" && how !== "throw") setTimeout(strikeInFlight, ON_THE_WAY_MS);
  else strike(moment);
});

/** Not when the answer was quicker: then it is the next statement's turn. */
function strikeInFlight() {
  if (inFlight > 0) strike(null);
  else left = 1;
}

function strike(moment) {
  writeSync(2, `${JSON.stringify({ kind: "fault", point, how })}\n`);
  if (moment !== null && how === "throw") moment.fault = new Error(`a fault of the test at "${point}"`);
  else process.kill(process.pid, SIGNALS[how]);
}
