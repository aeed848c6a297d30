import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../../../src/streams/cluster-info/kinds.ts";
import { type Family, synthesize } from "../../../../src/local/cluster/synthetic/cluster.ts";

interface Made {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly ownerReferences?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
    }[];
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields: readonly { readonly time: string }[];
  };
  readonly spec: Readonly<Record<string, never>> & {
    readonly nodeName: string;
    readonly replicas: number;
    readonly volumeName?: string;
    readonly selector: Readonly<Record<string, string>> | null;
    readonly volumes?: readonly {
      readonly configMap?: { readonly name: string };
      readonly persistentVolumeClaim?: { readonly claimName: string };
    }[];
    readonly containers: readonly {
      readonly env: readonly { readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string } } }[];
    }[];
    readonly claimRef?: { readonly uid: string; readonly namespace: string; readonly name: string };
  };
  readonly status: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, string>>;
}

function all(family: Family): Made[] {
  return Array.from({ length: family.count }, (_, index) => family.make(index) as unknown as Made);
}

function cluster(objects: number, seed = 1): ReadonlyMap<string, readonly Made[]> {
  return new Map(
    [...synthesize(objects, seed).families].map(([resource, family]) => [resource, all(family)]),
  );
}

function byOwner(made: readonly Made[]): ReadonlyMap<string, readonly Made[]> {
  const groups = new Map<string, Made[]>();
  for (const object of made) {
    const owner = object.metadata.ownerReferences?.[0]?.uid ?? "";
    groups.set(owner, [...(groups.get(owner) ?? []), object]);
  }
  return groups;
}

function idsOf(made: readonly Made[]): Set<string> {
  return new Set(made.map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`));
}

describe("the generated cluster", () => {
  it("is the same byte for byte for the same count and seed, in whatever order it is read", () => {
    const size = fc.integer({ min: 1, max: 3000 });
    const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(size, seed, fc.infiniteStream(fc.nat()), (objects, from, picks) => {
        const [one, other] = [synthesize(objects, from), synthesize(objects, from)];
        for (const [resource, family] of one.families) {
          if (family.count === 0) continue;
          const index = (picks.next().value ?? 0) % family.count;
          const again = other.families.get(resource)?.make(index);
          expect(JSON.stringify(again)).toBe(JSON.stringify(family.make(index)));
          expect(again).toMatchObject({
            metadata: { name: family.identify(index).name, uid: family.identify(index).uid },
          });
        }
      }),
      { numRuns: 30 },
    );
  });

  it("is another one for another seed", () => {
    const uids = (seed: number): string[] =>
      (cluster(100, seed).get("pods") ?? []).map(({ metadata }) => metadata.uid);
    const others = new Set(uids(2));
    expect(uids(1).filter((uid) => others.has(uid))).toEqual([]);
  });

  it.each([60, 61, 200, 999, 5000, 123_456])("has exactly as many objects as asked for: %i", (objects) => {
    const counts = [...synthesize(objects, 7).families.values()].map(({ count }) => count);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(objects);
  });

  it("has every kind of a snapshot at least once, however small it is", () => {
    const { families } = synthesize(1, 1);
    expect([...families.keys()].sort()).toEqual(KINDS.map(({ resource }) => resource).sort());
    expect([...families.values()].filter(({ count }) => count === 0)).toEqual([]);
  });

  it("gives no uid and no name twice", () => {
    const made = cluster(5000);
    const objects = [...made.values()].flat();
    expect(new Set(objects.map(({ metadata }) => metadata.uid)).size).toBe(objects.length);
    for (const family of made.values()) expect(idsOf(family).size).toBe(family.length);
  });

  it("gives every owner reference an owner in the same namespace, with that uid, that is older", () => {
    const made = cluster(1000);
    const byUid = new Map([...made.values()].flat().map((object) => [object.metadata.uid, object.metadata]));
    let references = 0;
    for (const { metadata } of [...made.values()].flat()) {
      for (const { uid, name } of metadata.ownerReferences ?? []) {
        references += 1;
        expect(byUid.get(uid)).toMatchObject({ name, namespace: metadata.namespace });
        expect(byUid.get(uid)!.creationTimestamp <= metadata.creationTimestamp).toBe(true);
      }
    }
    expect(references).toBeGreaterThan(400);
  });

  it("gives each deployment as many pods as it wants, all of its newest replica set", () => {
    const made = cluster(1000);
    const podsByOwner = byOwner(made.get("pods") ?? []);
    const setsByOwner = byOwner(made.get("replicasets") ?? []);
    for (const { metadata, spec } of made.get("deployments") ?? []) {
      const sets = setsByOwner.get(metadata.uid) ?? [];
      const newest = sets.toSorted((left, right) =>
        left.metadata.creationTimestamp < right.metadata.creationTimestamp ? 1 : -1,
      )[0];
      expect(sets.flatMap((set) => podsByOwner.get(set.metadata.uid) ?? []).length).toBe(spec.replicas);
      expect((podsByOwner.get(newest!.metadata.uid) ?? []).length).toBe(spec.replicas);
    }
  });

  it("has the namespace of every object and the node of every pod", () => {
    const made = cluster(1000);
    const [namespaces, nodes] = [idsOf(made.get("namespaces") ?? []), idsOf(made.get("nodes") ?? [])];
    for (const { metadata } of [...made.values()].flat()) {
      if (metadata.namespace !== undefined) expect(namespaces).toContain(`/${metadata.namespace}`);
    }
    for (const { spec } of made.get("pods") ?? []) expect(nodes).toContain(`/${spec.nodeName}`);
  });

  it("has what its pods mount and read: config maps, claims and secrets of the same namespace", () => {
    const made = cluster(1000);
    const there = new Map([...made].map(([resource, objects]) => [resource, idsOf(objects)]));
    const wanted = (made.get("pods") ?? []).flatMap(({ metadata, spec }) => {
      const secrets = spec.containers
        .flatMap(({ env = [] }) => env)
        .map(({ valueFrom }) => valueFrom?.secretKeyRef?.name);
      const volumes = spec.volumes ?? [];
      const names: readonly (readonly [string, string | undefined])[] = [
        ...secrets.map((name) => ["secrets", name] as const),
        ...volumes.map(({ configMap }) => ["configmaps", configMap?.name] as const),
        ...volumes.map(
          ({ persistentVolumeClaim: claim }) => ["persistentvolumeclaims", claim?.claimName] as const,
        ),
      ];
      const here = metadata.namespace ?? "";
      return names
        .filter(([, name]) => name !== undefined)
        .map(([resource, name = ""]) => [resource, `${here}/${name}`] as const);
    });
    expect(wanted.filter(([resource, id]) => !there.get(resource)!.has(id))).toEqual([]);
    expect(new Set(wanted.map(([resource]) => resource)).size).toBe(3);
  });

  it("binds claims and volumes to each other, and leaves some of both alone", () => {
    const made = cluster(1000);
    const claims = new Map(
      (made.get("persistentvolumeclaims") ?? []).map((claim) => [claim.metadata.uid, claim]),
    );
    const bound = (made.get("persistentvolumes") ?? []).filter(({ spec }) => spec.claimRef !== undefined);
    for (const { metadata, spec } of bound) {
      expect(claims.get(spec.claimRef!.uid)).toMatchObject({
        spec: { volumeName: metadata.name },
        status: { phase: "Bound" },
      });
    }
    const pending = [...claims.values()].filter(({ status }) => status["phase"] === "Pending");
    expect(pending.length).toBe(claims.size - bound.length);
    expect(pending.length).toBeGreaterThan(0);
    expect(made.get("persistentvolumes")!.length).toBeGreaterThan(bound.length);
  });

  it("hides a canary in every value of secrets and config maps, and in copies that kubectl leaves", () => {
    const made = cluster(1000);
    const texts = (made.get("configmaps") ?? []).flatMap(({ data }) => Object.values(data));
    const packed = (made.get("secrets") ?? []).flatMap(({ data }) => Object.values(data));
    const values = [...texts, ...packed.map((value) => Buffer.from(value, "base64").toString())];
    expect(values.filter((value) => !value.startsWith("clusterflow-canary"))).toEqual([]);
    const copies = [...(made.get("secrets") ?? []), ...(made.get("configmaps") ?? [])].flatMap(
      ({ metadata }) => {
        return Object.values(metadata.annotations ?? {});
      },
    );
    expect(copies.length).toBeGreaterThan(10);
    expect(
      copies.every(
        (copy) => copy.includes("clusterflow-canary") || copy.includes("Y2x1c3RlcmZsb3ctY2FuYXJ5"),
      ),
    ).toBe(true);
  });

  it("shows what one looks for in an inventory: restarts, crashes, images that cannot be pulled, failed jobs", () => {
    const text = JSON.stringify(cluster(4000).get("pods"));
    for (const sign of [
      "OOMKilled",
      "CrashLoopBackOff",
      "ImagePullBackOff",
      '"phase":"Failed"',
      '"phase":"Succeeded"',
    ]) {
      expect(text).toContain(sign);
    }
  });
});
