import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Believed } from "../../../src/http/gateway/believed.ts";
import { openTokens } from "../../../src/http/gateway/tokens.ts";

const USER = { id: "1", name: null, email: null, scopes: ["READ"] } as const;
const NOON = Date.UTC(2026, 0, 1, 12);

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOON }));
afterEach(() => void vi.useRealTimers());

it("a token is believed until it ends, and no longer", async () => {
  const keys = { algorithm: "HS256", secrets: ["s".repeat(32)] } as const;
  const tokens = openTokens({ keys, issuer: "i", audience: "a", lifetimeS: 60 });
  const token = await tokens.issue!(USER);
  expect(await tokens.verify(token)).toEqual(USER);
  vi.setSystemTime(NOON + 64_000);
  expect(await tokens.verify(token)).toEqual(USER);
  vi.setSystemTime(NOON + 66_000);
  expect(await tokens.verify(token)).toBeNull();
});

it("not more than a thousand tokens are remembered", () => {
  const believed = new Believed();
  for (let n = 0; n <= 1_000; n += 1) believed.keep(`token ${n}`, { user: USER, until: NOON + 1 });
  expect(believed.find("token 0")).toBeNull();
  expect(believed.find("token 1")).toEqual(USER);
  vi.setSystemTime(NOON + 1);
  expect(believed.find("token 1")).toBeNull();
});
