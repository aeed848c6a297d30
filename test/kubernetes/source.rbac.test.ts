import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { KINDS } from "../../src/streams/cluster-info/kinds.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

describe("the collector's ClusterRole", () => {
  it("allows to list and get exactly the kinds of a snapshot, and nothing else", () => {
    const file = join(import.meta.dirname, "../../env/kubernetes/rbac.yaml");
    const role = parse(readFileSync(file, "utf8")) as { kind: string; rules: Rule[] };
    const allowed = role.rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.map((resource) => `${group}/${resource} ${verbs.toSorted().join(",")}`),
      ),
    );
    const wanted = KINDS.map(({ group, resource }) => `${group}/${resource} get,list`);
    expect(role.kind).toBe("ClusterRole");
    expect(allowed.toSorted()).toEqual(wanted.toSorted());
  });
});
