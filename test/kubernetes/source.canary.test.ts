import { readdirSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../src/streams/cluster-info/kinds.ts";
import { replay, sendJson } from "./api-server.ts";
import { serveCluster, snapshotOf } from "./snapshot.ts";

const RECORDINGS = readdirSync(join(import.meta.dirname, "../recordings/kubernetes"))
  .filter((file) => file.endsWith(".http"))
  .map((file) => file.replace(".http", ""));

/** Values that the recorded Secrets and ConfigMaps hold, plain and in base64. */
const RECORDED_VALUES = [
  "topsecret-VALUE",
  "dG9wc2VjcmV0LVZBTFVF",
  "LEAKVALUE",
  "TEVBS1ZBTFVF",
  "dQ==",
  "x=1",
  "AAEC",
];

const CANARY = "CANARY-7f3a";
const CANARY_BASE64 = Buffer.from(CANARY).toString("base64");

/** An object that has the canary wherever a value can stand, on whatever kind. */
function poisoned(uid: string): object {
  const copy = JSON.stringify({ kind: "Secret", data: { a: CANARY_BASE64 }, stringData: { a: CANARY } });
  const env = [{ name: "PASSWORD", value: CANARY }];
  const containers = [{ name: "c", env }];
  const podSpec = { containers, initContainers: containers, ephemeralContainers: containers };
  const annotations = {
    "kubectl.kubernetes.io/last-applied-configuration": copy,
    "other.example.com/last-applied": CANARY,
    "kapp.k14s.io/original": copy,
    "objectset.rio.cattle.io/applied": CANARY_BASE64,
    "unheard-of.example.com/copy": copy,
  };
  const template = { metadata: { annotations }, spec: podSpec };
  return {
    metadata: {
      name: uid,
      uid,
      annotations,
      managedFields: [
        { fieldsV1: { "f:data": { "f:key": {} }, "f:spec": { [`v:"${CANARY}"`]: { value: CANARY } } } },
      ],
    },
    type: "Opaque",
    data: { key: CANARY_BASE64 },
    binaryData: { bin: CANARY_BASE64 },
    stringData: { key: CANARY },
    spec: { ...podSpec, template, jobTemplate: { metadata: { annotations }, spec: { template } } },
  };
}

describe("no value", () => {
  it.each(RECORDINGS)(
    "survives when a server answers Secrets and ConfigMaps with the recording %s",
    async (name) => {
      let pages = 0;
      // a list that goes on ends after its first page: what the token leads to is another recording
      const handler = (_: unknown, response: ServerResponse): void => {
        if (++pages % 2 === 1) replay(response, name);
        else sendJson(response, { metadata: { resourceVersion: "1" }, items: [] });
      };
      await using server = await serveCluster({ "/api/v1/secrets": handler, "/api/v1/configmaps": handler });
      const { messages, reports, error } = await snapshotOf(server, { giveUpAfterMs: 100 });
      const said = JSON.stringify([messages, reports, String(error)]);
      expect(RECORDED_VALUES.filter((value) => said.includes(value))).toEqual([]);
    },
  );

  it("survives on any kind, wherever a server that ignores what was asked puts one", async () => {
    const handlers = Object.fromEntries(
      KINDS.map(({ group, version, resource }) => [
        group === "" ? `/api/${version}/${resource}` : `/apis/${group}/${version}/${resource}`,
        (_: unknown, response: ServerResponse) => {
          sendJson(response, { metadata: { resourceVersion: "370" }, items: [poisoned(resource)] });
        },
      ]),
    );
    await using server = await serveCluster(handlers);
    const { messages, manifest } = await snapshotOf(server);
    expect(manifest?.objects).toBe(15);
    const said = JSON.stringify(messages);
    expect([CANARY, CANARY_BASE64].filter((value) => said.includes(value))).toEqual([]);
    expect(said.includes("PASSWORD")).toBe(true);
  });
});
