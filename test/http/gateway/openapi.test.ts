import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { expect, it } from "vitest";
import { openWorld, PASSWORD, type Reply, type Sending, type World } from "../../support/gateway-world.ts";

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
}

interface Described {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>
  >;
}

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
formats.default(ajv);

/** Why an answer is not as the document says it is; null when it is. */
function differenceOf(document: Document, path: string, reply: Reply): string | null {
  const response = responseOf(document, path, reply.status);
  if (response === undefined) return `${path} answered ${reply.status}, which is not described`;
  if (response.content === undefined) return reply.text === "" ? null : `${path}: a body is not described`;
  const type = typeOf(reply);
  const schema = response.content[type]?.schema;
  return schema === undefined ? `${path}: ${type} is not described` : mismatchOf(schema, path, reply);
}

function responseOf(
  document: Document,
  path: string,
  status: number,
): Described["responses"][string] | undefined {
  const [operation] = Object.values(document.paths[path.replace(/\?.*/, "")] ?? {});
  return operation?.responses[status];
}

function typeOf({ headers }: Reply): string {
  return (headers.get("content-type") ?? "").replace(/;.*/, "");
}

function mismatchOf(schema: object, path: string, reply: Reply): string | null {
  if (ajv.validate(schema, reply.json ?? reply.text)) return null;
  return `${path} ${reply.status}: ${ajv.errorsText()} in ${reply.text}`;
}

const login = "/api/auth/login";
const signup = "/api/auth/signup";
const report = "/api/reports/active-participants";
const session = "session_id=900e8400-e29b-41d4-a716-446655440000";
const ndjson = "application/x-ndjson";
const email = "writer.test@example.com";
const refused = (world: World): void =>
  void (world.take = () => ({ kind: "refused", field: "event_id", reason: "is wanted" }));
const full = (world: World): void =>
  void (world.take = () => ({ kind: "unavailable", retryAfterS: 1, reason: "full" }));
const broken = (world: World): void => {
  world.take = () => Promise.reject(new Error("a fault"));
  world.answer = () => Promise.reject(new Error("a fault"));
};
const none = (): void => undefined;

const CASES: readonly [status: number, path: string, sending: Sending, before: (world: World) => void][] = [
  ...["/api/events", "/api/events/batch", "/v1/events"].flatMap((path): typeof CASES => {
    const body = path === "/api/events" ? {} : [{}, {}];
    return [
      [201, path, { body }, none],
      [400, path, { raw: "{" }, none],
      [400, path, { body: 1 }, none],
      [400, path, { body }, refused],
      [401, path, { body, scopes: null }, none],
      [403, path, { body, scopes: ["READ"] }, none],
      [413, path, { raw: " ".repeat(100_001) }, none],
      [415, path, { raw: "", type: "text/plain" }, none],
      [500, path, { body }, broken],
      [503, path, { body }, full],
    ];
  }),
  [201, "/api/events/batch", { body: [{}, 1] }, none],
  [413, "/api/events/batch", { body: Array.from({ length: 11 }, () => ({})) }, none],
  [201, "/v1/events", { raw: "{}\n[]\n", type: ndjson }, none],
  [400, "/v1/events", { raw: "[]\n", type: ndjson }, none],
  [413, "/v1/events", { raw: "{}\n".repeat(11), type: ndjson }, none],
  [503, "/v1/events", { raw: "{}\n", type: ndjson }, full],
  [200, login, { body: { email, password: PASSWORD } }, none],
  [400, login, { body: {} }, none],
  [401, login, { body: { email, password: "x" } }, none],
  [415, login, { raw: "", type: "text/plain" }, none],
  [201, signup, { body: { name: "Z", email: "z@example.com", password: "12345678" } }, none],
  [400, signup, { body: {} }, none],
  [403, signup, { body: { name: "Z", email, password: "12345678", role: "writer" } }, none],
  [409, signup, { body: { name: "Z", email, password: "12345678" } }, none],
  [200, `${report}?${session}`, {}, none],
  [400, report, {}, none],
  [401, report, { scopes: null }, none],
  [403, report, { scopes: ["WRITE"] }, none],
  [404, `${report}?${session}`, {}, (world) => (world.answer = () => ({ kind: "missing", reason: "x" }))],
  [500, `${report}?${session}`, {}, broken],
  [200, "/api/reports/query", { body: {} }, none],
  [400, "/api/reports/query", { body: [] }, none],
  [200, "/healthz", {}, none],
  [200, "/readyz", {}, none],
  [503, "/readyz", {}, (world) => (world.notReady = "full")],
  [200, "/metrics", {}, none],
  [200, "/openapi.json", {}, none],
];

it("describes every path, and every answer that is really given", async () => {
  const seen = new Set<string>();
  let document: Document | null = null;
  const differences: (string | null)[] = [];
  for (const [status, path, sending, before] of CASES) {
    await using world = await openWorld(
      { bodyBytes: 100_000, batchEvents: 10, streamEvents: 10 },
      { signup: "readers" },
    );
    document ??= (await world.send("/openapi.json", {})).json as Document;
    before(world);
    const reply = await world.send(path, sending);
    expect(reply.status, `${path} ${JSON.stringify(sending)}`).toBe(status);
    differences.push(differenceOf(document, path, reply));
    seen.add(path.split("?", 1)[0]!);
  }
  expect(differences.filter((difference) => difference !== null)).toEqual([]);
  expect([...seen].sort()).toEqual(Object.keys(document!.paths).sort());
}, 60_000);

it("describes what a user in a hurry is answered", async () => {
  const slow = { burst: 0, perSecond: 1 };
  await using world = await openWorld({ userRate: slow, loginRateOfAddress: slow });
  const document = (await world.send("/openapi.json", { scopes: null })).json as Document;
  const asked: readonly (readonly [string, Sending])[] = [
    ["/api/events", { body: {} }],
    ["/v1/events", { body: {} }],
    [report, {}],
    [login, { body: { email, password: "x" } }],
  ];
  for (const [path, sending] of asked) {
    const reply = await world.send(path, sending);
    expect([reply.status, differenceOf(document, path, reply)]).toEqual([429, null]);
  }
});

it("is OpenAPI 3.1, each operation under a name of its own", async () => {
  await using world = await openWorld();
  const document = (await world.send("/openapi.json", { scopes: null })).json as Document;
  expect(document.openapi).toBe("3.1.0");
  const names = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map((each) => each.operationId),
  );
  expect(new Set(names).size).toBe(names.length);
});
