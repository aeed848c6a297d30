import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/json.ts";
import { fieldsOf } from "../../../../src/local/cluster/synthetic/managed-fields.ts";
import { readRecording } from "../recording.ts";

interface Recorded extends JsonObject {
  readonly metadata: JsonObject & {
    readonly managedFields: readonly { readonly fieldsV1: JsonObject; readonly manager: string }[];
  };
}

/** Every path in a set, as one text each. */
function pathsIn(fields: JsonObject, before = ""): string[] {
  return Object.entries(fields).flatMap(([name, inner]) => {
    const path = `${before}/${name}`;
    return Object.keys(inner as JsonObject).length === 0 ? [path] : pathsIn(inner as JsonObject, path);
  });
}

function firstItem(name: string): Recorded {
  return (readRecording(name).body as { items: Recorded[] }).items[0]!;
}

describe("the fields that a manager owns", () => {
  it.each([
    ["a pod", firstItem("a1-pods-limit2")],
    ["a deployment", firstItem("b5-deployments-exact")],
    ["a node", firstItem("b5-nodes-exact")],
    ["a persistent volume", firstItem("b5-persistentvolumes-exact")],
    ["an ingress", firstItem("b5-ingresses-exact")],
    ["a config map", firstItem("b3-configmaps-exact-limit2")],
    ["a secret", readRecording("j2-secret-full-managedfields").body as Recorded],
  ])("are named as a real server names them for %s", (_what, object) => {
    const { labels, annotations } = object.metadata;
    const described = {
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    };
    const ours = new Set(pathsIn(fieldsOf({ ...object, metadata: described })));
    const theirs = object.metadata.managedFields.flatMap(({ fieldsV1 }) => pathsIn(fieldsV1));
    // ours own more: who filled the defaults in cannot be told from the object
    expect(theirs.filter((path) => !ours.has(path))).toEqual([]);
    expect(theirs.length).toBeGreaterThan(0);
  });

  it("tell the keys of a secret and nothing of its values", () => {
    expect(fieldsOf({ data: { password: "cGFzcw==", username: "dQ==" }, type: "Opaque" })).toEqual({
      "f:data": { ".": {}, "f:password": {}, "f:username": {} },
      "f:type": {},
    });
  });
});
