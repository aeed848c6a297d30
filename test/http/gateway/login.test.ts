import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { GatewaySettings } from "../../../src/http/gateway/settings.ts";
import { PASSWORD, openWorld, TOKENS } from "../../support/gateway-world.ts";

const email = "writer.test@example.com";
const LOGIN = "/api/auth/login";
const SIGNUP = "/api/auth/signup";
const stranger = { scopes: null };

describe("POST /api/auth/login", () => {
  it("gives a token that opens what its user may do", async () => {
    await using world = await openWorld();
    const reply = await world.send(LOGIN, {
      body: { email: ` ${email.toUpperCase()} `, password: PASSWORD },
      ...stranger,
    });
    expect(reply.status).toBe(200);
    const { token } = reply.json as { token: string };
    const headers = { authorization: `Bearer ${token}` };
    expect((await world.send("/api/events", { body: {}, headers })).status).toBe(201);
    expect(world.by[0]).toMatchObject({ id: "7", email, scopes: ["WRITE"] });
    expect((await world.send("/api/reports/active-participants", { headers })).status).toBe(403);
  });

  it("answers a wrong password and an unknown user alike", async () => {
    await using world = await openWorld();
    const wrong = await world.send(LOGIN, { body: { email, password: "hunter2" }, ...stranger });
    const unknown = await world.send(LOGIN, {
      body: { email: "x@example.com", password: "hunter2" },
      ...stranger,
    });
    expect([wrong.status, wrong.text]).toEqual([401, unknown.text]);
    expect(unknown.status).toBe(401);
    expect([...wrong.headers.keys()]).toEqual([...unknown.headers.keys()]);
    expect(wrong.text).not.toContain("hunter2");
  });

  it("says what is missing", async () => {
    await using world = await openWorld();
    for (const body of [
      null,
      [],
      {},
      { email: 1 },
      { email: "no" },
      { email: "a\0@b.c" },
      { email: "a\ud800@b.c" },
    ])
      expect((await world.send(LOGIN, { body, ...stranger })).json).toMatchObject({
        error: { field: "email" },
      });
    for (const password of [undefined, "", 1, "x".repeat(1_025), "\0", "\udc00x"])
      expect((await world.send(LOGIN, { body: { email, password }, ...stranger })).json).toMatchObject({
        error: { field: "password" },
      });
  });

  it("slows guessing down, by user and by address", async () => {
    const perSecond = 0.1;
    await using world = await openWorld({
      loginRateOfEmail: { burst: 2, perSecond },
      loginRateOfAddress: { burst: 4, perSecond },
    });
    const tries = async (mail: string): Promise<number> =>
      (await world.send(LOGIN, { body: { email: mail, password: "x" }, ...stranger })).status;
    expect([await tries(email), await tries(email), await tries(email)]).toEqual([401, 401, 429]);
    expect(await tries("x@example.com")).toBe(401);
    const reply = await world.send(LOGIN, { body: { email: "y@example.com", password: "x" }, ...stranger });
    expect([reply.status, Number(reply.headers.get("retry-after")) > 1]).toEqual([429, true]);
  });

  it("is closed where tokens come from elsewhere", async () => {
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const privateKey = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const publicKey = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
    const ringOf = (own: string | null): Partial<GatewaySettings> => ({
      tokens: { ...TOKENS, keys: { algorithm: "RS256", privateKey: own, publicKeys: [publicKey] } },
    });
    await using elsewhere = await openWorld({}, ringOf(privateKey));
    await using here = await openWorld({}, ringOf(null));
    const reply = await here.send(LOGIN, { body: { email, password: PASSWORD }, ...stranger });
    expect([reply.status, reply.json]).toEqual([
      403,
      { error: { code: "forbidden", message: "tokens for this gateway are issued elsewhere" } },
    ]);
    const headers = { authorization: `Bearer ${await elsewhere.token("WRITE")}` };
    expect((await here.send("/api/events", { body: {}, headers, ...stranger })).status).toBe(201);
  });
});

describe("POST /api/auth/signup", () => {
  const body = { name: "Zoë", email: "zoe@example.com", password: "correct horse" };

  it("is closed unless asked for", async () => {
    await using world = await openWorld();
    const reply = await world.send(SIGNUP, { body, ...stranger });
    expect(reply.status).toBe(403);
    expect(reply.json).toMatchObject({
      error: { message: expect.stringContaining("clusterflow users add") as string },
    });
    expect(world.added).toEqual([]);
  });

  it("makes readers, and never more", async () => {
    await using world = await openWorld({}, { signup: "readers" });
    const made = await world.send(SIGNUP, { body, ...stranger });
    expect([made.status, made.text]).toEqual([201, ""]);
    expect(world.added).toEqual([{ email: "zoe@example.com", scopes: ["READ"] }]);
    const role = { ...body, role: "writer", scopes: ["WRITE"] };
    expect((await world.send(SIGNUP, { body: role, ...stranger })).status).toBe(403);
    expect((await world.send(SIGNUP, { body: { ...body, email }, ...stranger })).status).toBe(409);
    for (const [field, value] of [
      ["name", ""],
      ["email", "zoe"],
      ["password", "short"],
    ] as const)
      expect(
        (await world.send(SIGNUP, { body: { ...body, [field]: value }, ...stranger })).json,
      ).toMatchObject({
        error: { code: "invalid", field },
      });
    expect(world.added.length).toBe(2);
  });
});
