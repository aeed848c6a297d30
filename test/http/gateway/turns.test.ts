import { expect, it } from "vitest";
import { Turns } from "../../../src/http/gateway/turns.ts";

it("lets so many work, so many wait, and sends the others away", async () => {
  const turns = new Turns(2, 1);
  const ends: (() => void)[] = [];
  let working = 0;
  const work = async (): Promise<string> => {
    working += 1;
    await new Promise<void>((resolve) => ends.push(resolve));
    working -= 1;
    return "done";
  };
  const first = [turns.run(work), turns.run(work), turns.run(work)];
  expect([working, await turns.run(work)]).toEqual([2, null]);
  ends.shift()!();
  await first[0];
  await expect.poll(() => [working, ends.length]).toEqual([2, 2]);
  for (const end of ends) end();
  expect(await Promise.all(first)).toEqual([{ result: "done" }, { result: "done" }, { result: "done" }]);
});

it("gives a turn back when the work fails", async () => {
  const turns = new Turns(1, 0);
  await expect(turns.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await turns.run(() => Promise.resolve(1))).toEqual({ result: 1 });
});
