import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/json.ts";
import { handle } from "../../../../src/local/cluster/handle.ts";
import { targetOf } from "../../../../src/local/cluster/access/target.ts";
import { applyChange, type Change } from "../../../../src/local/cluster/simulation/changes.ts";
import { Store } from "../../../../src/local/cluster/store/store.ts";
import { synthesize } from "../../../../src/local/cluster/synthetic/cluster.ts";

interface Listed {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly {
    readonly metadata: JsonObject & { readonly name: string; readonly namespace: string };
  }[];
}

function get(store: Store, path: string): { readonly status: number; readonly body: Listed } {
  const url = new URL(path, "http://server");
  const asked = {
    method: "GET",
    target: targetOf(url.pathname),
    query: url.searchParams,
    accept: undefined,
    host: "",
  };
  const answer = handle({ ...asked, isForgetful: false }, store);
  return { status: answer.status, body: JSON.parse([...answer.body].join("")) as Listed };
}

function store(objects: number): Store {
  return new Store(synthesize(objects, 1));
}

function withText(objects: readonly unknown[]): string[] {
  return objects.map((object) => JSON.stringify(object));
}

/** Some object that is there now. */
function someone(
  from: Store,
  resource: string,
  which: number,
): { resource: string; namespace: string; name: string } | null {
  const keys = [...from.collection(resource)!.scan({ from: "", to: null }, from.revision)].map(
    ({ key }) => key,
  );
  const key = keys[which % keys.length];
  if (key === undefined) return null;
  const [namespace = "", name = ""] = key.split("/");
  return { resource, namespace, name };
}

/** A change that the cluster allows, drawn from numbers: pods go and come, deployments are scaled. */
function change(from: Store, [what, which]: readonly [number, number]): Change {
  const pod = someone(from, "pods", which);
  if (what === 0 && pod !== null) return { kind: "delete", object: pod };
  const object = someone(from, "deployments", which)!;
  // a new pod is made after one that is there
  if (what === 1 || pod === null) return { kind: "scale", object, replicas: which % 9 };
  const created = { ...object, resource: "pods", name: `new-${from.revision}-${which}` };
  return { kind: "create", object: created, labels: null, annotations: null, data: null };
}

describe("a list in pages", () => {
  it("is the list of the first page's revision, whatever the page sizes and whatever changes in between", () => {
    const page = fc.tuple(
      fc.integer({ min: 1, max: 30 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.nat(1000)), { maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(page, { minLength: 1, maxLength: 12 }), fc.nat(5), (pages, before) => {
        const world = store(80);
        for (let made = 0; made < before; made += 1) applyChange(change(world, [made % 3, made * 7]), world);
        const expected = withText(get(world, "/api/v1/pods").body.items);
        const revision = String(world.revision);
        const seen: unknown[] = [];
        let token: string | undefined;
        for (let at = 0; at === 0 || token !== undefined; at += 1) {
          const [limit, changes] = pages[at % pages.length]!;
          const path = `/api/v1/pods?limit=${limit}${token === undefined ? "" : `&continue=${token}`}`;
          const { metadata, items } = get(world, path).body;
          seen.push(...items);
          expect(metadata.resourceVersion).toBe(revision);
          expect(metadata.remainingItemCount ?? 0).toBe(expected.length - seen.length);
          token = metadata.continue;
          for (const drawn of changes) applyChange(change(world, drawn), world);
        }
        expect(withText(seen)).toEqual(expected);
      }),
      // the example: no pod is left in the end
      {
        numRuns: 30,
        examples: [[[[1, Array<[number, number]>(2).fill([0, 0])]], 0]],
      },
    );
  });

  it("comes in the order of namespace and name, as bytes: a dash before the slash", () => {
    const world = store(60);
    for (const namespace of ["shop", "shop-a", "shop0"]) {
      const object = { resource: "pods", namespace, name: "p" };
      applyChange({ kind: "create", object, labels: null, annotations: null, data: null }, world);
    }
    const names = get(world, "/api/v1/pods").body.items.map(
      ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
    );
    expect(names).toEqual(names.toSorted());
    expect(names.filter((name) => name.startsWith("shop"))).toEqual(["shop-a/p", "shop/p", "shop0/p"]);
  });

  it("of one namespace holds that namespace and no other, and goes on inside it", () => {
    const world = store(300);
    const everything = get(world, "/api/v1/configmaps").body.items;
    const { namespace } = everything.find(({ metadata }) => !metadata.namespace.startsWith("kube"))!.metadata;
    const path = `/api/v1/namespaces/${namespace}/configmaps?limit=2`;
    const seen: Listed["items"][number][] = [];
    let { metadata, items } = get(world, path).body;
    seen.push(...items);
    while (metadata.continue !== undefined) {
      ({ metadata, items } = get(world, `${path}&continue=${metadata.continue}`).body);
      seen.push(...items);
    }
    const expected = everything.filter((item) => item.metadata.namespace === namespace);
    expect(expected.length).toBeGreaterThan(2);
    expect(withText(seen)).toEqual(withText(expected));
  });
});

describe("a list at one revision", () => {
  it("of every kind shows the cluster before a change that came after the first kind", () => {
    const world = store(100);
    const { revision } = world;
    const paths = ["/api/v1/pods", "/apis/apps/v1/deployments", "/api/v1/secrets", "/api/v1/nodes"];
    const before = paths.map((path) => withText(get(world, path).body.items));
    for (let made = 0; made < 30; made += 1) applyChange(change(world, [made % 3, made * 13]), world);
    const exact = `resourceVersion=${revision}&resourceVersionMatch=Exact`;
    expect(paths.map((path) => withText(get(world, `${path}?${exact}`).body.items))).toEqual(before);
    expect(withText(get(world, "/apis/apps/v1/deployments").body.items)).not.toEqual(before[1]);
  });

  it("is gone after a compaction, and the newest one is not", () => {
    const world = store(100);
    const { revision } = world;
    applyChange(change(world, [2, 1]), world);
    world.compact();
    const exact = (version: number): string =>
      `/api/v1/pods?resourceVersion=${version}&resourceVersionMatch=Exact`;
    expect(get(world, exact(revision)).status).toBe(410);
    expect(get(world, exact(world.revision)).status).toBe(200);
  });

  it("stays as it is for an answer that had begun before a compaction", () => {
    const world = store(100);
    const before = withText(get(world, "/api/v1/pods").body.items);
    const url = new URL("/api/v1/pods", "http://server");
    const asked = {
      method: "GET",
      target: targetOf(url.pathname),
      query: url.searchParams,
      accept: undefined,
      host: "",
    };
    const body = handle({ ...asked, isForgetful: false }, world).body[Symbol.iterator]();
    let text = String(body.next().value);
    for (let made = 0; made < 30; made += 1) applyChange(change(world, [made % 3, made * 13]), world);
    world.compact();
    for (let next = body.next(); next.done !== true; next = body.next()) text += next.value;
    expect(withText((JSON.parse(text) as Listed).items)).toEqual(before);
  });
});

describe("a list that is not read to its end", () => {
  it("keeps the past while it is open, and no longer", () => {
    const world = store(100);
    const object = { resource: "pods", namespace: "default", name: "short-lived" };
    applyChange({ kind: "create", object, labels: null, annotations: null, data: null }, world);
    const then = world.revision;
    const url = new URL("/api/v1/pods", "http://server");
    const asked = {
      method: "GET",
      target: targetOf(url.pathname),
      query: url.searchParams,
      accept: undefined,
      host: "",
    };
    const body = handle({ ...asked, isForgetful: false }, world).body[Symbol.iterator]();
    body.next();
    applyChange({ kind: "delete", object }, world);
    world.compact();
    expect(world.collection("pods")!.read("default/short-lived", then)).not.toBeNull();
    body.return!();
    expect(world.collection("pods")!.read("default/short-lived", then)).toBeNull();
  });
});

describe("a list with selectors", () => {
  it("finds one object by name and namespace", () => {
    const world = store(200);
    const { name, namespace } = get(world, "/api/v1/pods").body.items[7]!.metadata;
    const selector = encodeURIComponent(`metadata.name=${name},metadata.namespace=${namespace}`);
    const found = get(world, `/api/v1/pods?fieldSelector=${selector}`).body.items;
    expect(found.map(({ metadata }) => metadata.name)).toEqual([name]);
  });

  it.each([
    ["team", (labels: JsonObject) => "team" in labels],
    ["!team", (labels: JsonObject) => !("team" in labels)],
    ["team==accounts", (labels: JsonObject) => labels["team"] === "accounts"],
    ["team,team!=accounts", (labels: JsonObject) => "team" in labels && labels["team"] !== "accounts"],
  ])("takes exactly the objects whose labels fit %s", (selector, fits) => {
    const world = store(2000);
    const everything = get(world, "/api/v1/namespaces").body.items;
    const found = get(world, `/api/v1/namespaces?labelSelector=${encodeURIComponent(selector)}`).body.items;
    expect(withText(found)).toEqual(
      withText(everything.filter(({ metadata }) => fits(metadata["labels"] as JsonObject))),
    );
    expect(found.length).toBeGreaterThan(0);
  });

  it("refuses a selector that it would otherwise get wrong", () => {
    const world = store(60);
    expect(get(world, "/api/v1/pods?labelSelector=app%20in%20(a,b)").status).toBe(400);
    expect(get(world, "/api/v1/pods?fieldSelector=spec.nodeName%3Dx").status).toBe(400);
  });
});
