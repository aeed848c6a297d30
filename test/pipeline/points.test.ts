import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, it } from "vitest";
import { reached, type Moment } from "../../src/pipeline/points.ts";

it("says nothing to nobody", () => {
  expect(() => reached("cut")).not.toThrow();
});

it("tells whoever listens, and throws the fault that it is given", () => {
  const heard: string[] = [];
  const listen = (message: unknown): void => {
    const moment = message as Moment;
    heard.push(moment.point);
    if (moment.point === "sent") moment.fault = new Error("a fault");
  };
  subscribe("clusterflow:point", listen);
  reached("cut");
  expect(() => reached("sent")).toThrow("a fault");
  unsubscribe("clusterflow:point", listen);
  reached("answered");
  expect(heard).toEqual(["cut", "sent"]);
});
