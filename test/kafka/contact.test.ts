import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Report } from "../../src/core/report.ts";
import { Contact } from "../../src/kafka/contact.ts";

describe("Contact", () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());

  function open(): { contact: Contact; told: Report[] } {
    const told: Report[] = [];
    return { contact: new Contact("Kafka", (report) => void told.push(report), "look there"), told };
  }

  it("tells an outage once, and its end once", () => {
    const { contact, told } = open();
    contact.lost("refused");
    vi.setSystemTime(2_000);
    contact.lost("refused again");
    contact.lost("and again");
    contact.tellWhenDue();
    vi.setSystemTime(5_000);
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
    vi.setSystemTime(900);
    contact.suspect("coordinator is loading");
    contact.found();
    vi.setSystemTime(10_000);
    contact.tellWhenDue();
    expect(told).toEqual([]);
  });

  it("prefers a known reason to a suspicion, and names it when it gives up", () => {
    const { contact } = open();
    contact.suspect("first");
    contact.suspect("second");
    vi.setSystemTime(30_000);
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
    vi.setSystemTime(10_000);
    contact.found();
    vi.setSystemTime(13_000);
    contact.suspect("silent");
    expect(contact.awayMs).toBe(3_000);
    contact.found();
    vi.setSystemTime(73_000);
    contact.suspect("silent");
    expect(contact.awayMs).toBe(5_000);
  });

  it("does not name the server twice", () => {
    const { contact, told } = open();
    contact.lost("Kafka: refused");
    vi.setSystemTime(2_000);
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
    vi.setSystemTime(Date.now() + 2_000);
    contact.tellWhenDue();
    contact.tellWhenDue();
    contact.found();
    contact.found();
    expect(sights).toEqual([{ kind: "away", server: "Kafka" }, { kind: "back", server: "Kafka" }]); // prettier-ignore
  });
});
