import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { TokenEndpoint } from "../../../src/config/parts.ts";
import { ClusterflowError } from "../../../src/core/errors.ts";
import { parseTokenAnswer } from "../../../src/kafka/security/token.ts";
import { TokenSource } from "../../../src/kafka/security/token-source.ts";
import { temporaryDirectory } from "../../kubernetes/temporary.ts";
import { createAuthority, type Authority } from "../../support/certificates.ts";
import { CLIENT, openTokenServer, unsignedToken, type TokenServer } from "./token-server.ts";

let authority: Authority;
beforeAll(() => void (authority = createAuthority()));
afterAll(() => authority[Symbol.dispose]());
afterEach(() => void vi.useRealTimers());

function endpointAt(server: TokenServer, caFile: string | null = authority.certFile): TokenEndpoint {
  return { kind: "endpoint", url: server.url, ...CLIENT, scope: "a b", caFile };
}

function serve(answer?: (response: ServerResponse) => void): Promise<TokenServer> {
  const onRequest = answer && ((_: unknown, response: ServerResponse) => answer(response));
  return openTokenServer(authority.issue("DNS:localhost"), onRequest);
}

async function refusalOf(endpoint: TokenEndpoint): Promise<ClusterflowError> {
  const error: unknown = await new TokenSource(endpoint).token().catch((thrown: unknown) => thrown);
  if (!(error instanceof ClusterflowError)) throw new Error("was not refused", { cause: error });
  expect(JSON.stringify([error.message, error.hint, error.cause])).not.toContain("canary");
  return error;
}

describe("a token", () => {
  it("is asked for once by logins at the same time, and again shortly before it runs out", async () => {
    await using server = await serve();
    const source = new TokenSource(endpointAt(server));
    const both = await Promise.all([source.token(), source.token()]);
    expect(both[0]).toBe(both[1]);
    expect(server.asked).toEqual(["grant_type=client_credentials&scope=a+b"]);
    vi.useFakeTimers({ now: Date.now() + 279_000, toFake: ["Date"] });
    await source.token();
    expect(server.asked).toHaveLength(1);
    vi.setSystemTime(Date.now() + 2_000);
    await source.token();
    expect(server.asked).toHaveLength(2);
  });

  it("is not used for longer than it lives because somebody set the clock back", async () => {
    await using server = await serve();
    const source = new TokenSource(endpointAt(server));
    await source.token();
    vi.useFakeTimers({ now: Date.now() - 3_600_000, toFake: ["Date", "performance"] });
    vi.advanceTimersByTime(270_000);
    await source.token();
    expect(server.asked).toHaveLength(1);
    vi.advanceTimersByTime(20_000);
    await source.token();
    expect(server.asked).toHaveLength(2);
  });

  it("is asked for again after a failure", async () => {
    const statuses = [503, 200];
    await using server = await serve((response) => {
      response.writeHead(statuses.shift() ?? 500);
      response.end(JSON.stringify({ access_token: "t", expires_in: 60 }));
    });
    const source = new TokenSource(endpointAt(server));
    await expect(source.token()).rejects.toMatchObject({ retryable: true });
    expect(await source.token()).toBe("t");
  });

  it("in a file is read anew each time, and has to be one", async () => {
    using folder = temporaryDirectory();
    const source = new TokenSource({ kind: "file", path: folder.write("token", "one\n") });
    expect(await source.token()).toBe("one");
    folder.write("token", "two");
    expect(await source.token()).toBe("two");
    folder.write("token", "canary\u0001auth=x");
    await expect(source.token()).rejects.toThrow(/^the token file .* does not hold a token$/);
  });

  it("lives as long as the answer says, else as long as itself does, else for one login", () => {
    const life = (answer: object): number | undefined => parseTokenAnswer(JSON.stringify(answer))?.lifeMs;
    expect(life({ access_token: "t", expires_in: 60 })).toBe(60_000);
    expect(life({ access_token: "t", expires_in: "60" })).toBe(60_000);
    expect(life({ access_token: unsignedToken(60) })).toBeGreaterThan(58_000);
    expect(life({ access_token: "t" })).toBe(0);
    expect(life({ access_token: "with space" })).toBeUndefined();
    expect(life({ token: "t" })).toBeUndefined();
  });
});

describe("a token endpoint that gives none is told by its address, without its query and what was sent:", () => {
  it.each([
    [401, false],
    [400, false],
    [302, false],
    [429, true],
    [500, true],
  ])("answer %i, waited for: %s", async (status, retryable) => {
    await using server = await serve((response) => {
      response.writeHead(status, { location: "https://example.org/" });
      response.end("canary");
    });
    const error = await refusalOf(endpointAt(server));
    expect(error).toMatchObject({ code: "unreachable", retryable });
    expect(error.message).toMatch(
      new RegExp(`^the token endpoint https://localhost:\\d+/token gave no token: it answered ${status}$`),
    );
  });

  it("something that is no token", async () => {
    await using server = await serve((response) => void response.end('{"access_token":1,"x":"canary"}'));
    expect((await refusalOf(endpointAt(server))).message).toContain("something that is no token");
  });

  it("a certificate that is not trusted", async () => {
    await using server = await serve();
    const error = await refusalOf(endpointAt(server, null));
    expect(error).toMatchObject({ retryable: false });
    expect(error.message).toContain("signed by an authority that is not trusted here");
    expect(error.hint).toContain("KAFKA_HTTPS_CA_LOCATION");
    expect(server.asked).toEqual([]);
  });

  it("nobody there", async () => {
    const server = await serve();
    await server[Symbol.asyncDispose]();
    const error = await refusalOf(endpointAt(server));
    expect(error).toMatchObject({ retryable: true });
    expect(error.message).toContain("ECONNREFUSED");
  });
});
