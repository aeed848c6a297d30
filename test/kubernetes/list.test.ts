import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import type { ClientOptions } from "../../src/kubernetes/client.ts";
import { listKind } from "../../src/kubernetes/list.ts";
import type { KindOutcome } from "../../src/streams/cluster-info/compose.ts";
import { metadataOf } from "../../src/streams/cluster-info/identity.ts";
import { type KindRef, KINDS } from "../../src/streams/cluster-info/kinds.ts";
import { recording, replay, type Seen, sendJson, sendStatus, serve } from "./api-server.ts";
import { reader } from "./reader.ts";
import { rejection } from "./temporary.ts";

function kindOf(resource: string): KindRef {
  const found = KINDS.find((kind) => kind.resource === resource);
  if (found === undefined) throw new Error(resource);
  return found;
}

/** The token that a recorded page or refusal carries. */
function tokenOf(name: string): string {
  const body = JSON.parse(recording(name).body.toString()) as { metadata: { continue: string } };
  return body.metadata.continue;
}

function podPage(revision: string, names: readonly string[], next?: string): object {
  const items = names.map((name) => ({ metadata: { name, namespace: "shop", uid: `uid-${name}` } }));
  return {
    kind: "PodList",
    apiVersion: "v1",
    metadata: { resourceVersion: revision, continue: next },
    items,
  };
}

interface Listing {
  readonly outcome: KindOutcome;
  readonly names: readonly string[];
  readonly documents: readonly JsonObject[];
  readonly requests: readonly Seen[];
  /** Queries of the lists alone, as they were written. */
  readonly queries: readonly string[];
}

interface Asked {
  readonly resource?: string;
  readonly revision?: string;
  readonly pageSize?: number;
  readonly options?: Partial<ClientOptions>;
}

async function list(
  handler: (seen: Seen, response: ServerResponse) => void,
  asked: Asked = {},
): Promise<Listing> {
  await using server = await serve((seen, response) =>
    seen.path === "/readyz" ? void response.end("ok") : handler(seen, response),
  );
  using own = await reader({ server: server.url }, asked.options);
  const documents: JsonObject[] = [];
  const outcome = await listKind({
    client: own.client,
    kind: kindOf(asked.resource ?? "pods"),
    revision: asked.revision ?? null,
    pageSize: asked.pageSize ?? 2,
    emit: (page) => {
      documents.push(...page);
      return Promise.resolve();
    },
  });
  const names = documents.map((document) => metadataOf(document)["name"] as string);
  const lists = server.requests.filter(({ path }) => path !== "/readyz");
  const queries = lists.map(({ query }) => [...query].map(([name, value]) => `${name}=${value}`).join("&"));
  return { outcome, names, documents, requests: lists, queries };
}

describe("a list in pages", () => {
  it("goes on by the token alone until there is none", async () => {
    const [second, third] = [tokenOf("a1-pods-limit2"), tokenOf("a2-pods-limit2-page2")];
    const { outcome, names, queries } = await list(({ query }, response) => {
      const token = query.get("continue");
      if (token === null) replay(response, "a1-pods-limit2");
      else if (token === second) replay(response, "a2-pods-limit2-page2");
      else sendJson(response, podPage("370", ["p-0004"]));
    });
    expect(names).toEqual(["p-0000", "p-0001", "p-0002", "p-0003", "p-0004"]);
    expect(outcome).toMatchObject({
      status: "complete",
      consistency: "cut",
      revision: "370",
      pages: 3,
      reason: null,
    });
    expect(queries).toEqual(["limit=2", `limit=2&continue=${second}`, `limit=2&continue=${third}`]);
  });

  it("goes on through an empty page that has a token, whatever remainingItemCount says", async () => {
    const { outcome, names } = await list(({ query }, response) => {
      if (query.get("continue") === null) {
        sendJson(response, {
          metadata: { resourceVersion: "5", continue: "next", remainingItemCount: 0 },
          items: null,
        });
      } else sendJson(response, podPage("5", ["p"]));
    });
    expect(names).toEqual(["p"]);
    expect(outcome).toMatchObject({ status: "complete", pages: 2 });
  });

  it("is inconsistent when its pages come from different revisions, and names the newest", async () => {
    const { outcome } = await list(({ query }, response) => {
      if (query.get("continue") === null) sendJson(response, podPage("5", ["a"], "next"));
      else sendJson(response, podPage("6", ["b"]));
    });
    expect(outcome).toMatchObject({ status: "complete", consistency: "inconsistent", revision: "6" });
  });

  it("is partial when the token leads back to the same page", async () => {
    const { outcome, requests } = await list((_, response) =>
      sendJson(response, podPage("5", ["a"], "same")),
    );
    expect(outcome).toMatchObject({ status: "partial", reason: "the server's token leads to the same page" });
    expect(requests.length).toBe(2);
  });

  it("is partial when objects have no uid, which are left out", async () => {
    const { outcome, names } = await list((_, response) => {
      const items = [{ metadata: { name: "a", uid: "1" } }, { metadata: { name: "b" } }, "c"];
      sendJson(response, { metadata: { resourceVersion: "5" }, items });
    });
    expect(names).toEqual(["a"]);
    expect(outcome).toMatchObject({ status: "partial", reason: "2 objects without a uid were left out" });
  });

  it("waits for each page to be taken before it asks for the next", async () => {
    await using server = await serve(({ query }, response) => {
      sendJson(
        response,
        podPage("5", [`p-${query.get("continue") ?? "0"}`], query.get("continue") === null ? "1" : undefined),
      );
    });
    using own = await reader({ server: server.url });
    const askedAtEmit: number[] = [];
    await listKind({
      client: own.client,
      kind: kindOf("pods"),
      revision: null,
      pageSize: 2,
      emit: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        askedAtEmit.push(server.requests.length);
      },
    });
    expect(askedAtEmit).toEqual([1, 2]);
  });
});

describe("a list at the snapshot's revision", () => {
  it("names the revision on the first page only", async () => {
    const token = tokenOf("b3-configmaps-exact-limit2");
    const { outcome, queries } = await list(
      ({ query }, response) =>
        replay(
          response,
          query.get("continue") === null ? "b3-configmaps-exact-limit2" : "b4-configmaps-exact-page2",
        ),
      { resource: "configmaps", revision: "370" },
    );
    expect(queries).toEqual([
      "limit=2&includeObject=Metadata&resourceVersion=370&resourceVersionMatch=Exact",
      `limit=2&includeObject=Metadata&continue=${token}`,
    ]);
    expect(outcome).toMatchObject({ status: "complete", consistency: "cut", revision: "370", pages: 2 });
  });

  it.each([
    ["410, forgotten", "cGateOff-3-exact-compacted-410"],
    ["422, not understood", "b12-exact-rv0"],
    ["400, not understood", "a5-continue-plus-rv"],
  ])("is read at a revision of its own when the server answers %s", async (_, refusal) => {
    const { outcome, names, queries } = await list(
      ({ query }, response) => {
        if (query.has("resourceVersionMatch")) replay(response, refusal);
        else sendJson(response, podPage("374", ["p"]));
      },
      { revision: "366" },
    );
    expect(queries.length).toBe(2);
    expect(names).toEqual(["p"]);
    expect(outcome).toMatchObject({ status: "complete", consistency: "kind", revision: "374" });
  });

  it("waits for a server that has not reached the revision yet, its page as large as before", async () => {
    let count = 0;
    const { outcome, queries } = await list(
      (_, response) => {
        if (++count === 1) replay(response, "b10-future-exact");
        else sendJson(response, podPage("370", ["p"]));
      },
      { revision: "370", pageSize: 500 },
    );
    expect(outcome).toMatchObject({ consistency: "cut", revision: "370" });
    expect(new Set(queries).size).toBe(1);
  });

  it("gives that revision up when the server never reaches it", async () => {
    const { outcome, queries } = await list(
      ({ query }, response) => {
        if (query.has("resourceVersionMatch")) replay(response, "b10-future-exact");
        else sendJson(response, podPage("374", ["p"]));
      },
      { revision: "99999999" },
    );
    expect(queries.length).toBe(4);
    expect(outcome).toMatchObject({ status: "complete", consistency: "kind", revision: "374" });
  });

  it("is a kind of its own when the server passes the revision over", async () => {
    const { outcome } = await list((_, response) => sendJson(response, podPage("400", ["p"])), {
      revision: "370",
    });
    expect(outcome).toMatchObject({ status: "complete", consistency: "kind", revision: "400" });
  });
});

describe("a list that expires on the way", () => {
  it.each(["cDefault", "cGateOff"])("goes on at once with the server's own token: %s", async (server) => {
    const expired = tokenOf(`${server}-0-page1`);
    const fresh = tokenOf(`${server}-1-continue-expired-410`);
    const { outcome, names } = await list(({ query }, response) => {
      const token = query.get("continue");
      if (token === null) replay(response, `${server}-0-page1`);
      else if (token === expired) replay(response, `${server}-1-continue-expired-410`);
      else if (token === fresh) replay(response, `${server}-2-inconsistent-continue`);
      else sendJson(response, podPage(server === "cDefault" ? "369" : "370", ["p-0004"]));
    });
    expect(names).toEqual(["p-0000", "p-0001", "p-0002", "p-0003", "p-0004"]);
    const revision = server === "cDefault" ? "369" : "370";
    expect(outcome).toMatchObject({ status: "complete", consistency: "inconsistent", revision, pages: 3 });
  });

  it("does not hand an object on twice", async () => {
    const { outcome, names } = await list(({ query }, response) => {
      const token = query.get("continue");
      if (token === null) sendJson(response, podPage("5", ["a", "b"], "expired"));
      else if (token === "expired")
        sendJson(response, { metadata: { continue: "fresh" }, message: "Gone" }, 410);
      else sendJson(response, podPage("9", ["b", "c"]));
    });
    expect(names).toEqual(["a", "b", "c"]);
    expect(outcome).toMatchObject({ status: "complete", consistency: "inconsistent", revision: "9" });
  });

  it("is partial when the server gives no token", async () => {
    const { outcome, names } = await list(({ query }, response) => {
      if (query.get("continue") === null) sendJson(response, podPage("5", ["a"], "expired"));
      else replay(response, "cGateOff-3-exact-compacted-410");
    });
    expect(names).toEqual(["a"]);
    expect(outcome).toMatchObject({
      status: "partial",
      httpStatus: 410,
      reason: "The resourceVersion for the provided list is too old.",
      revision: "5",
    });
  });

  it("is partial when the given token expires as well, rather than asking for ever", async () => {
    let refusals = 0;
    const { outcome, requests } = await list(({ query }, response) => {
      if (query.get("continue") === null) sendJson(response, podPage("5", ["a"], "0"));
      else sendJson(response, { metadata: { continue: String(++refusals) }, message: "Gone" }, 410);
    });
    expect(outcome).toMatchObject({ status: "partial", httpStatus: 410 });
    expect(requests.length).toBe(3);
  });
});

describe("a kind that cannot be read", () => {
  it.each([
    [
      "forbidden",
      403,
      "d1-403-list-secrets",
      'secrets is forbidden: User "reader" cannot list resource "secrets"',
    ],
    ["forbidden", 403, "f10-table-403", "secrets is forbidden"],
    ["not_served", 404, "d7-404-unknown-group-admin", "404 page not found"],
    ["not_served", 404, "e3-404-get-missing", "not found"],
    ["not_served", 405, "e4-405", "does not allow this method"],
    ["error", 406, "e5-406", "Not Acceptable"],
  ])("is %s after %i, in the server's words: %s", async (status, httpStatus, name, words) => {
    const { outcome, requests } = await list((_, response) => replay(response, name), {
      resource: "secrets",
      revision: "370",
    });
    expect(outcome).toMatchObject({ status, httpStatus, consistency: "none", revision: null, pages: 0 });
    expect(outcome.reason).toContain(words);
    expect(requests.length).toBe(1);
  });

  it("is an error when only its list fails on a server that is ready", async () => {
    const { outcome } = await list((_, response) => sendStatus(response, 500, "unable to transform key"));
    expect(outcome).toMatchObject({
      status: "error",
      httpStatus: 500,
      reason: "500: unable to transform key",
    });
  });

  it("is an error when the answer is no list", async () => {
    const { outcome } = await list((_, response) => replay(response, "g8-version"));
    expect(outcome).toMatchObject({ status: "error", reason: "an answer that is not a list" });
  });

  it("is partial when it is forbidden on the way", async () => {
    const { outcome, names } = await list(({ query }, response) => {
      if (query.get("continue") === null) replay(response, "a1-pods-limit2");
      else replay(response, "d1-403-list-secrets");
    });
    expect(names).toEqual(["p-0000", "p-0001"]);
    expect(outcome).toMatchObject({ status: "partial", httpStatus: 403, revision: "370", pages: 1 });
  });

  it("ends everything when the credentials are refused on the way", async () => {
    const error = await rejection(
      list(({ query }, response) => {
        if (query.get("continue") === null) replay(response, "a1-pods-limit2");
        else replay(response, "e1-401-bad-token");
      }),
    );
    expect(error.code).toBe("unreachable");
  });
});

describe("a page that is too much for the server", () => {
  it.each([500, 504])("is halved after a %i, down to 50", async (code) => {
    const { outcome, queries } = await list(
      ({ query }, response) => {
        if (Number(query.get("limit")) > 50) sendStatus(response, code, "slow");
        else sendJson(response, podPage("5", ["p"]));
      },
      { pageSize: 300 },
    );
    expect(queries).toEqual(["limit=300", "limit=150", "limit=75", "limit=50"]);
    expect(outcome.status).toBe("complete");
  });

  it("is halved when it takes too long, and stays so for the next", async () => {
    const { queries } = await list(
      ({ query }, response) => {
        if (query.get("limit") === "500") return;
        sendJson(
          response,
          podPage("5", [query.get("continue") ?? "0"], query.get("continue") === null ? "1" : undefined),
        );
      },
      { pageSize: 500, options: { limits: { connectMs: 1000, totalMs: 200, bodyBytes: 1e6 } } },
    );
    expect(queries).toEqual(["limit=500", "limit=250", "limit=250&continue=1"]);
  });

  it("is halved when it is larger than may be held, and the kind is an error when even 50 are", async () => {
    const { outcome, queries } = await list(
      (_, response) => sendJson(response, { padding: "x".repeat(5000) }),
      {
        pageSize: 100,
        options: { limits: { connectMs: 1000, totalMs: 1000, bodyBytes: 1000 } },
      },
    );
    expect(queries).toEqual(["limit=100", "limit=50"]);
    expect(outcome).toMatchObject({ status: "error", reason: "an answer of more than 1000 bytes" });
  });

  it("stays as it is when the server is merely starting", async () => {
    let count = 0;
    const { queries } = await list(
      (_, response) => {
        if (++count === 1) sendStatus(response, 503, "starting");
        else sendJson(response, podPage("5", ["p"]));
      },
      { pageSize: 500 },
    );
    expect(queries).toEqual(["limit=500", "limit=500"]);
  });
});

describe("Secrets and ConfigMaps", () => {
  it.each(["secrets", "configmaps"])(
    "are asked for without their values, on every page: %s",
    async (resource) => {
      const { requests } = await list(
        ({ query }, response) =>
          replay(
            response,
            query.get("continue") === null ? "f8-table-secrets-exact" : "f11-table-metadata-applied-secret",
          ),
        { resource },
      );
      expect(requests.length).toBe(2);
      for (const { query, headers } of requests) {
        expect(query.get("includeObject")).toBe("Metadata");
        expect(headers.accept?.split(",").every((form) => form.includes(";as="))).toBe(true);
      }
    },
  );
});
