import { describe, expect, it } from "vitest";
import { ClusterflowError } from "../../src/core/errors.ts";
import type { Report } from "../../src/core/report.ts";
import type { Sight } from "../../src/pipeline/observe.ts";
import { throughOutages } from "../../src/pipeline/outage.ts";
import { tellAsOne } from "../../src/pipeline/tell-as-one.ts";

/** Waiters as the writers of partitions are, with what came through of them. */
function waiters() {
  const reports: Report[] = [];
  const sights: Sight[] = [];
  const one = tellAsOne(
    (report) => reports.push(report),
    (sight) => sights.push(sight),
  );
  /** Fails so many times, then does what it is told. */
  const wait = (failures: readonly string[], end: () => Promise<void> = () => Promise.resolve()) => {
    const left = [...failures];
    const operation = async (): Promise<void> => {
      const reason = left.shift();
      if (reason === undefined) return end();
      throw new ClusterflowError(`it: ${reason}`, { code: "unreachable", retryable: true });
    };
    const { signal } = new AbortController();
    return throughOutages(operation, { name: "it", ...one, signal, giveUpAfterMs: null });
  };
  const told = (): string[] =>
    reports.map((report) => (report.kind === "waiting" ? `waiting: ${report.reason}` : report.kind));
  return { one, wait, told, sights };
}

describe("many that wait for one server", () => {
  it("tell each reason once, and its return once", async () => {
    const { wait, told, sights } = waiters();
    await Promise.all(Array.from({ length: 40 }, (_, n) => wait(n === 7 ? ["cut"] : ["refused"])));
    expect(told()).toEqual(["waiting: refused", "waiting: cut", "resumed"]);
    expect(sights.filter(({ kind }) => kind === "away")).toHaveLength(40);
    expect(sights.filter(({ kind }) => kind === "back")).toHaveLength(40);
  });

  it("tell the return when the last of them waits no more", async () => {
    const { wait, told } = waiters();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const late = wait(["refused"], () => held);
    await wait(["refused"]);
    expect(told()).toEqual(["waiting: refused"]);
    release();
    await late;
    expect(told()).toEqual(["waiting: refused", "resumed"]);
  });

  it("tell the next outage anew, also when the one before ended without a return", async () => {
    const { wait, told } = waiters();
    await expect(wait(["refused"], () => Promise.reject(new Error("fenced")))).rejects.toThrow("fenced");
    await wait(["refused"]);
    await wait(["refused"]);
    expect(told()).toEqual([
      "waiting: refused",
      "waiting: refused",
      "resumed",
      "waiting: refused",
      "resumed",
    ]);
  });

  it("hand on everything else at once", () => {
    const { one, told } = waiters();
    one.tell({ kind: "draining" });
    one.tell({ kind: "draining" });
    expect(told()).toEqual(["draining", "draining"]);
  });
});
