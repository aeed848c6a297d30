import { STREAMS, TABLES } from "../../test/support/event-streams.mjs";
import type { Contestant } from "../contestants/contestant.ts";
import { copy } from "../contestants/copy.ts";
import { debezium } from "../contestants/debezium.ts";
import { ours } from "../contestants/ours.ts";
import { eventsFile } from "./events.ts";

/** Everybody who is measured, in the order of one round. `CONTESTANTS` is a pattern of names that leaves others out. */
export function lineUp(topic: string): readonly Contestant[] {
  const wanted = new RegExp(process.env["CONTESTANTS"] ?? "");
  return [...copies(), ...members(topic), ...sinks(topic)].filter(({ name }) => wanted.test(name));
}

function copies(): Contestant[] {
  const whole = async (): Promise<string[]> => [await eventsFile()];
  const thirds = (): Promise<string[]> => Promise.all([0, 1, 2].map((part) => eventsFile(part, 3)));
  return [
    copy("COPY", TABLES["append"]!, whole),
    copy("COPY, key", TABLES["keyed"]!, whole),
    ...("three" in STREAMS ? [copy("COPY, three tables", TABLES["three"]!, thirds)] : []),
  ];
}

function members(topic: string): Contestant[] {
  const streams = ["append", "keyed"].flatMap((stream) => [
    ours(`clusterflow ${stream}`, { stream, topic }),
    ours(`clusterflow ${stream}, 1 writer`, { stream, topic, writers: 1 }),
    ours(`clusterflow ${stream}, 2 writers`, { stream, topic, writers: 2 }),
  ]);
  return "three" in STREAMS ? [...streams, ours("clusterflow three", { stream: "three", topic })] : streams;
}

function sinks(topic: string): Contestant[] {
  return (["insert", "upsert"] as const).flatMap((mode) => [
    debezium(`Debezium ${mode}`, { topic, mode }),
    debezium(`Debezium ${mode}, tuned, 1 task`, { topic, mode, tasks: 1 }),
    debezium(`Debezium ${mode}, tuned, 2 tasks`, { topic, mode, tasks: 2 }),
  ]);
}
