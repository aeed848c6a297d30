import { afterEach, describe, expect, it, vi } from "vitest";
import { ClusterflowError } from "../../src/core/errors.ts";
import type { Report } from "../../src/core/report.ts";
import type { Sight } from "../../src/pipeline/observe.ts";
import { throughOutages } from "../../src/pipeline/outage.ts";

const away = new ClusterflowError("server away", { code: "unreachable", retryable: true, hint: "start it" });

function harness(giveUpAfterMs: number | null = null): {
  reports: Report[];
  stop: AbortController;
  options: Parameters<typeof throughOutages>[1];
} {
  const reports: Report[] = [];
  const stop = new AbortController();
  return {
    reports,
    stop,
    options: { name: "it", tell: (report) => void reports.push(report), signal: stop.signal, giveUpAfterMs },
  };
}

/** Fails as often as there are errors, then answers. */
function failing(...errors: Error[]): () => Promise<string> {
  const left: Error[] = [...errors];
  return async () => {
    const error = left.shift();
    if (error !== undefined) return Promise.reject(error);
    return Promise.resolve("done");
  };
}

afterEach(() => void vi.useRealTimers());

describe("throughOutages", () => {
  it("says nothing when all is well", async () => {
    const { reports, options } = harness();
    expect(await throughOutages(failing(), options)).toBe("done");
    expect(reports).toEqual([]);
  });

  it("tells an outage once however many tries it takes, and its end", async () => {
    const { reports, options } = harness();
    expect(await throughOutages(failing(away, away, away), options)).toBe("done");
    expect(reports.map(({ kind }) => kind)).toEqual(["waiting", "resumed"]);
  });

  it.each([
    ["it is over", [away, away], null],
    ["it lasted too long", [away, away], 0],
    ["the next answer is one that waiting cannot mend", [away, new Error("no")], null],
  ])("lets be seen who waits, and no longer when %s", async (_, errors, giveUpAfterMs) => {
    const sights: string[] = [];
    const { options } = harness(giveUpAfterMs);
    const observe = ({ kind }: Sight): void => void sights.push(kind);
    await throughOutages(failing(...errors), { ...options, observe }).catch(() => undefined);
    expect(sights.filter((kind) => kind !== "retry")).toEqual(["away", "back"]);
    expect(sights).toContain("retry");
  });

  it("lets be seen that nobody waits any more when the signal ends the waiting", async () => {
    const sights: Sight[] = [];
    const { options, stop } = harness();
    const waiting = throughOutages(() => Promise.reject(away), {
      ...options,
      observe: (sight) => void sights.push(sight),
    });
    await expect.poll(() => sights.length).toBeGreaterThan(1);
    stop.abort();
    await expect(waiting).rejects.toThrow();
    expect(sights.at(-1)).toEqual({ kind: "back", server: "it" });
  });

  it("does not wait for what waiting cannot mend", async () => {
    const { reports, options } = harness();
    const wrong = new ClusterflowError("wrong password", { code: "unreachable" });
    await expect(throughOutages(failing(wrong), options)).rejects.toBe(wrong);
    expect(reports).toEqual([]);
  });

  it("gives up after the time it was given, keeping the reason and the hint", async () => {
    const { options } = harness(0);
    await expect(throughOutages(failing(away), options)).rejects.toMatchObject({
      code: "unreachable",
      message: "server away (given up after 0 s)",
      hint: "start it",
    });
  });

  it("ends with the signal's reason while it waits", async () => {
    const { stop, options } = harness();
    const reason = new Error("stop");
    const pending = throughOutages(() => Promise.reject(away), options);
    stop.abort(reason);
    await expect(pending).rejects.toBe(reason);
  });

  it("bounds a try that is never answered by what is left of the time to wait, and lets it go", async () => {
    const { reports, options } = harness(200);
    let released = 0;
    let tries = 0;
    const silent = async (signal: AbortSignal): Promise<string> => {
      tries += 1;
      if (tries === 1) throw away;
      signal.addEventListener("abort", () => (released += 1));
      return new Promise(() => undefined);
    };
    const begun = Date.now();
    await expect(throughOutages(silent, options)).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/^server away \(given up after \d+ s\)$/) as string,
    });
    expect(Date.now() - begun).toBeLessThan(4_000);
    expect([tries, released]).toEqual([2, 1]);
    expect(reports.map(({ kind }) => kind)).toEqual(["waiting"]);
  });

  it("does not name the server twice", async () => {
    const { reports, options } = harness(0);
    const named = new ClusterflowError("it: nobody there", { code: "unreachable", retryable: true });
    await expect(throughOutages(failing(named), options)).rejects.toThrow("it: nobody there (given up");
    expect(reports).toEqual([{ kind: "waiting", for: "it", reason: "nobody there" }]);
  });

  it.each([3_600_000, -3_600_000])("does not mind that somebody sets the clock (by %i ms)", async (ms) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { reports, options } = harness(60_000);
    const answers = [away, away];
    const operation = async (): Promise<string> => {
      const error = answers.shift();
      if (error === undefined) return Promise.resolve("done");
      vi.setSystemTime(Date.now() + ms);
      return Promise.reject(error);
    };
    expect(await throughOutages(operation, options)).toBe("done");
    expect(reports).toMatchObject([{ kind: "waiting" }, { kind: "resumed" }]);
    const [, resumed] = reports;
    const afterMs = resumed?.kind === "resumed" ? resumed.afterMs : NaN;
    expect(afterMs).toBeGreaterThanOrEqual(0);
    expect(afterMs).toBeLessThan(5_000);
  });
});
