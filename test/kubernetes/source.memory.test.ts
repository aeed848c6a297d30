import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";
import { compiled } from "./compiled.ts";
import { serveCluster } from "./snapshot.ts";

const PODS = 100_000;

const CHILD = `
import { loadConnection } from "./kubernetes/connection.js";
import { readSnapshot } from "./kubernetes/source.js";
const settings = {
  kubeconfig: [], context: null, server: process.argv[2], token: null, caFile: null, insecureSkipTlsVerify: false,
  clusterId: null, clusterName: null, pageSize: 500,
};
let messages = 0;
let early = 0;
let peak = 0;
const manifest = await readSnapshot({
  connection: await loadConnection(settings, {}),
  settings,
  composerLimit: 1_000_000,
  deliver: async (delivered) => {
    messages += delivered.length;
    const { rss } = process.memoryUsage();
    peak = Math.max(peak, rss);
    if (messages <= 50) early = rss;
  },
  tell: () => undefined,
  signal: new AbortController().signal,
  giveUpAfterMs: 60_000,
  collector: "clusterflow/test",
});
const { consistency, kinds, objects } = manifest;
console.log(JSON.stringify({ consistency, objects, status: kinds[0].status, early, peak }));
`;

/** One page of pods, made as it is asked for; managed fields make up half of it, as on real servers. */
function podPage(from: number, limit: number): string {
  const to = Math.min(PODS, from + limit);
  const items: string[] = [];
  for (let i = from; i < to; i++) items.push(POD.replaceAll("000000", String(i).padStart(6, "0")));
  const token = to < PODS ? `,"continue":"${to}"` : "";
  return `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"370"${token}},"items":[${items.join(",")}]}`;
}

const fields = Object.fromEntries(
  Array.from({ length: 40 }, (_, i) => [`f:field-${i}`, { ".": {}, "f:name": {} }]),
);
const POD = JSON.stringify({
  metadata: {
    name: "pod-000000",
    namespace: "shop",
    uid: "5f0c2a0e-0000-4000-8000-000000000000",
    labels: { app: "web", "pod-template-hash": "000000" },
    managedFields: [{ manager: "kubelet", fieldsV1: { "f:status": fields } }],
  },
  spec: {
    nodeName: "node-1",
    containers: [
      {
        name: "main",
        image: "nginx:1.27",
        env: [{ name: "A", value: "b" }],
        resources: { requests: { cpu: "100m" } },
      },
      { name: "proxy", image: "envoy:1.30", volumeMounts: [{ name: "config", mountPath: "/etc/envoy" }] },
    ],
    volumes: [{ name: "config", configMap: { name: "envoy" } }],
  },
  status: {
    phase: "Running",
    podIP: "10.0.0.1",
    conditions: [{ type: "Ready", status: "True", lastProbeTime: null }],
  },
});

describe("a snapshot of a large cluster", () => {
  it(
    "needs memory for a page and the uids of one kind, whatever the number of pods",
    { timeout: 180_000 },
    async () => {
      await using server = await serveCluster({
        "/api/v1/pods": ({ query }, response) => {
          response.writeHead(200, { "Content-Type": "application/json" });
          response.end(podPage(Number(query.get("continue") ?? "0"), Number(query.get("limit"))));
        },
      });
      using code = compiled(["core", "config", "streams", "pipeline", "kubernetes"]);
      const file = code.write("child.js", CHILD);
      const child = spawn(process.execPath, ["--max-old-space-size=64", file, server.url], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      const status = await new Promise((resolve) => child.on("close", resolve));
      expect(status).toBe(0);
      const result = JSON.parse(output) as { early: number; peak: number };
      expect(result).toMatchObject({ objects: PODS, status: "complete", consistency: "cut" });
      expect(result.peak - result.early).toBeLessThan(100 * 1024 * 1024);
      expect(result.peak).toBeLessThan(250 * 1024 * 1024);
    },
  );
});
