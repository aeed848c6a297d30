import { describe, expect, it } from "vitest";
import { askPassword } from "../../src/commands/given-password.ts";
import type { Asker } from "../../src/config/setup/asker.ts";

/** Somebody who types these, one at each question. */
function typing(...answers: readonly string[]): { readonly asker: Asker; readonly asked: string[] } {
  const asked: string[] = [];
  const unasked = () => Promise.reject(new Error("asked for something else"));
  const secret = (question: string): Promise<string> => {
    asked.push(question);
    return Promise.resolve(answers[asked.length - 1]!);
  };
  return { asker: { choose: unasked, text: unasked, confirm: unasked, secret }, asked };
}

describe("askPassword", () => {
  it("takes what was typed twice the same", async () => {
    expect(await askPassword(typing("open sesame", "open sesame").asker)).toBe("open sesame");
  });

  it("makes nobody whose password was mistyped", async () => {
    const refused = askPassword(typing("open sesame", "open sesane").asker);
    await expect(refused).rejects.toThrow("the two passwords differ; nothing was written");
  });

  it("does not ask again for one that is too short or too long", async () => {
    for (const password of ["7 chars", "x".repeat(1_025)]) {
      const { asker, asked } = typing(password);
      await expect(askPassword(asker)).rejects.toThrow("a password has 8 to 1024 characters");
      expect(asked).toEqual(["password of the user"]);
    }
  });
});
