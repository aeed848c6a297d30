import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Report } from "../../src/core/report.ts";
import { Contact } from "../../src/kafka/contact.ts";

const pass = (ms: number): void => void vi.advanceTimersByTime(ms);

describe("Contact", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function open(): { contact: Contact; told: Report[] } {
    const told: Report[] = [];
    return { contact: new Contact("Kafka", (report) => void told.push(report), "look there"), told };
  }

  it("tells an outage once, and its end once", () => {
    const { contact, told } = open();
    contact.lost("refused");
    pass(2_000);
    contact.lost("refused again");
    contact.lost("and again");
    contact.tellWhenDue();
    pass(3_000);
    contact.found();
    contact.found();
    expect(told).toEqual([
      { kind: "waiting", for: "Kafka", reason: "refused again" },
      { kind: "resumed", for: "Kafka", afterMs: 5_000 },
    ]);
  });

  it("says nothing about troubles that are over within a second", () => {
    const { contact, told } = open();
    contact.suspect("coordinator is loading");
    pass(900);
    contact.suspect("coordinator is loading");
    contact.found();
    pass(9_100);
    contact.tellWhenDue();
    expect(told).toEqual([]);
  });

  it("prefers a known reason to a suspicion, and names it when it gives up", () => {
    const { contact } = open();
    contact.suspect("first");
    contact.suspect("second");
    pass(30_000);
    expect(contact.givenUp()).toMatchObject({
      code: "unreachable",
      message: "Kafka: first (given up after 30 s)",
      hint: "look there",
    });
    contact.lost("known");
    contact.suspect("third");
    expect(contact.givenUp().message).toBe("Kafka: known (given up after 30 s)");
  });

  it("counts from the last answer, but not the time that this process itself may have slept", () => {
    const { contact } = open();
    pass(10_000);
    contact.found();
    pass(3_000);
    contact.suspect("silent");
    expect(contact.awayMs).toBe(3_000);
    contact.found();
    pass(60_000);
    contact.suspect("silent");
    expect(contact.awayMs).toBe(5_000);
  });

  it("does not name the server twice", () => {
    const { contact, told } = open();
    contact.lost("Kafka: refused");
    pass(2_000);
    contact.tellWhenDue();
    expect(told).toEqual([{ kind: "waiting", for: "Kafka", reason: "refused" }]);
    expect(contact.givenUp().message).toBe("Kafka: refused (given up after 2 s)");
  });

  it("lets be seen what it tells, and nothing that was over at once", () => {
    const sights: unknown[] = [];
    const contact = new Contact("Kafka", () => undefined, "hint", (sight) => void sights.push(sight)); // prettier-ignore
    contact.suspect("hm");
    contact.found();
    expect(sights).toEqual([]);
    contact.lost("refused");
    pass(2_000);
    contact.tellWhenDue();
    contact.tellWhenDue();
    contact.found();
    contact.found();
    expect(sights).toEqual([{ kind: "away", server: "Kafka" }, { kind: "back", server: "Kafka" }]); // prettier-ignore
  });

  it.each([3_600_000, -3_600_000])("does not mind that somebody sets the clock (by %i ms)", (ms) => {
    const { contact, told } = open();
    contact.lost("refused");
    pass(2_000);
    vi.setSystemTime(Date.now() + ms);
    contact.tellWhenDue();
    expect(contact.awayMs).toBe(2_000);
    contact.found();
    expect(told).toEqual([
      { kind: "waiting", for: "Kafka", reason: "refused" },
      { kind: "resumed", for: "Kafka", afterMs: 2_000 },
    ]);
  });
});
