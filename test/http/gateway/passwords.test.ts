import { scryptSync } from "node:crypto";
import { expect, it } from "vitest";
import { hashPassword, isPassword } from "../../../src/http/gateway/passwords.ts";

it("knows a password again, by what the hash says of itself", async () => {
  const stored = await hashPassword("Zoë's secret");
  expect(stored).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
  expect(stored).not.toBe(await hashPassword("Zoë's secret"));
  expect(await isPassword("Zoë's secret".normalize("NFD"), stored)).toBe(true);
  expect(await isPassword("Zoë's secreT", stored)).toBe(false);
  const salt = Buffer.from("0123456789abcdef");
  const other = scryptSync("x", salt, 32, { N: 1024, r: 4, p: 2 }).toString("base64url");
  expect(await isPassword("x", `scrypt$1024$4$2$${salt.toString("base64url")}$${other}`)).toBe(true);
});

it("lets nobody in by a hash that is none, or that would eat the machine", async () => {
  const [salt, hash] = ["0".repeat(22), "A".repeat(43)];
  for (const stored of [
    null,
    "",
    "test123",
    "$2b$10$abcdefghijklmnopqrstuv",
    `scrypt$32768$8$3$${salt}$`,
    `scrypt$16777216$8$1$${salt}$${hash}`,
    `scrypt$3$8$1$${salt}$${hash}`,
    `scrypt$1024$0$1$${salt}$${hash}`,
    `scrypt$1024$8$9999$${salt}$${hash}`,
  ])
    expect(await isPassword("", stored), String(stored)).toBe(false);
});

it("works as long for a user that nobody knows", async () => {
  const stored = await hashPassword("a");
  const timed = async (hash: string | null): Promise<number> => {
    const begun = performance.now();
    await isPassword("b", hash);
    return performance.now() - begun;
  };
  const best = async (hash: string | null): Promise<number> =>
    Math.min(await timed(hash), await timed(hash), await timed(hash));
  const [known, unknown] = [await best(stored), await best(null)];
  expect(unknown / known).toBeGreaterThan(0.4);
  expect(unknown / known).toBeLessThan(2.5);
});
