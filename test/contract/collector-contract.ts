import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CANARY } from "../../src/local/cluster/synthetic/configuration.ts";
import { KINDS, type KindRef } from "../../src/streams/cluster-info/kinds.ts";
import { requestJson } from "../kube-apiserver/request.ts";
import { collect, resultOf, uidsOf } from "./collect.ts";
import type { ContractServer, Door, TestObject } from "./contract-server.ts";
import { type BeforePassing, type Gate, openGate } from "./gate.ts";

interface Raw {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid: string };
}

/** What the server itself says is there, asked without the collector. */
async function rawList(door: Door, { group, version, resource }: KindRef): Promise<readonly Raw[]> {
  const path = group === "" ? `/api/${version}/${resource}` : `/apis/${group}/${version}/${resource}`;
  const { status, body } = await requestJson(door, "GET", path);
  expect(status).toBe(200);
  return (body as { items: readonly Raw[] }).items;
}

function kind(resource: string): KindRef {
  return KINDS.find((ref) => ref.resource === resource)!;
}

async function rawUids(door: Door, resource: string): Promise<string[]> {
  return (await rawList(door, kind(resource))).map(({ metadata }) => metadata.uid).sort();
}

/** Runs something once, before the n-th list request for a kind goes on to the server. */
function beforeList(resource: string, nth: number, then: () => Promise<void>): BeforePassing {
  let seen = 0;
  return async ({ path, query }) => {
    if (!path.endsWith(`/${resource}`) || !query.has("limit")) return;
    seen += 1;
    if (seen === nth) await then();
  };
}

let names = 0;

/** A name that no other test has used. */
function fresh(namespace: string, resource: TestObject["resource"]): TestObject {
  names += 1;
  return { resource, namespace, name: `zz-contract-${process.pid}-${names}` };
}

/** The same promises, kept by the collector on every server that it is run against. */
export function collectorContract(name: string, open: () => Promise<ContractServer>): void {
  describe(`the collector and ${name}`, () => {
    let server: ContractServer;
    let folder: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "clusterflow-contract-"));
      server = await open();
    });
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });

    async function gateTo(door: Door, beforePassing?: BeforePassing): Promise<Gate> {
      return openGate(door, beforePassing);
    }

    async function kubeconfig(
      user: Readonly<Record<string, string>>,
      cluster: Readonly<Record<string, string>>,
    ): Promise<string> {
      const file = join(folder, `kubeconfig-${(names += 1)}`);
      const contents = {
        apiVersion: "v1",
        kind: "Config",
        "current-context": "contract",
        clusters: [{ name: "contract", cluster: { server: server.admin.url, ...cluster } }],
        users: [{ name: "contract", user }],
        contexts: [{ name: "contract", context: { cluster: "contract", user: "contract" } }],
      };
      await writeFile(file, JSON.stringify(contents), { mode: 0o600 });
      return file;
    }

    it("reads every object of every kind, and names the cluster by its kube-system namespace", async () => {
      await using gate = await gateTo(server.admin);
      const collected = await collect({ server: gate.url, token: server.admin.token });
      for (const { resource } of KINDS) {
        expect([resource, resultOf(collected, resource).status]).toEqual([resource, "complete"]);
        expect(uidsOf(collected, resource)).toEqual(await rawUids(server.admin, resource));
        expect(resultOf(collected, resource).objects).toBeGreaterThan(0);
      }
      const namespaces = await rawList(server.admin, kind("namespaces"));
      const system = namespaces.find(({ metadata }) => metadata.name === "kube-system");
      expect(collected.manifest).toMatchObject({ cluster: system?.metadata.uid, consistency: "cut" });
    });

    it("keeps all pages of a list at the revision of the first, while objects come and go", async () => {
      const before = await rawUids(server.admin, "pods");
      const pods = await rawList(server.admin, kind("pods"));
      const last = pods.at(-1)!.metadata;
      const gone: TestObject = { resource: "pods", namespace: last.namespace!, name: last.name };
      const come = fresh(server.namespace, "pods");
      let hasChanged = false;
      await using gate = await gateTo(
        server.admin,
        beforeList("pods", 2, async () => {
          await server.remove(gone);
          await server.create(come);
          hasChanged = true;
        }),
      );
      const collected = await collect({ server: gate.url, token: server.admin.token });
      expect(hasChanged).toBe(true);
      expect(resultOf(collected, "pods")).toMatchObject({ status: "complete", consistency: "cut" });
      expect(resultOf(collected, "pods").pages).toBeGreaterThan(2);
      expect(uidsOf(collected, "pods")).toEqual(before);
      const after = await rawUids(server.admin, "pods");
      expect(after).not.toContain(last.uid);
      expect(after).not.toEqual(before);
    });

    it("reads all kinds at the revision of the first: a later change is seen by the next snapshot only", async () => {
      const before = {
        secrets: await rawUids(server.admin, "secrets"),
        configmaps: await rawUids(server.admin, "configmaps"),
      };
      const [secret, config] = [fresh(server.namespace, "secrets"), fresh(server.namespace, "configmaps")];
      await using gate = await gateTo(
        server.admin,
        beforeList("replicasets", 1, async () => {
          await server.create(secret);
          await server.create(config);
        }),
      );
      const settings = { server: gate.url, token: server.admin.token };
      const first = await collect(settings);
      expect(uidsOf(first, "secrets")).toEqual(before.secrets);
      expect(uidsOf(first, "configmaps")).toEqual(before.configmaps);
      expect(new Set(first.manifest.kinds.map(({ revision }) => revision)).size).toBe(1);
      expect(first.manifest.consistency).toBe("cut");
      const second = await collect(settings);
      expect(uidsOf(second, "secrets").length).toBe(before.secrets.length + 1);
      expect(uidsOf(second, "configmaps").length).toBe(before.configmaps.length + 1);
    });

    it("records a kind that is forbidden and goes on with the others", async () => {
      const { url, caFile, token } = server.partial;
      const collected = await collect({ server: url, caFile, token });
      expect(resultOf(collected, "secrets")).toMatchObject({
        status: "forbidden",
        httpStatus: 403,
        objects: 0,
        consistency: "none",
      });
      expect(resultOf(collected, "secrets").reason).toMatch(/cannot list resource "secrets"/);
      for (const { resource } of KINDS.filter((ref) => ref.resource !== "secrets")) {
        expect([resource, resultOf(collected, resource).status]).toEqual([resource, "complete"]);
      }
    });

    it("says so when its token is not accepted, and does not repeat the token", async () => {
      const { url, caFile } = server.admin;
      const refused = collect({ server: url, caFile, token: "not-a-known-token" });
      await expect(refused).rejects.toMatchObject({ code: "unreachable", vendorCode: "401" });
      await expect(refused).rejects.not.toThrow(/not-a-known-token/);
    });

    it("finishes a list whose revision is forgotten on the way, and calls it inconsistent", async () => {
      const before = await rawUids(server.forgetful, "pods");
      await using gate = await gateTo(
        server.forgetful,
        beforeList("pods", 2, () => server.compact()),
      );
      const collected = await collect({ server: gate.url, token: server.forgetful.token });
      expect(gate.passed.filter(({ body }) => body.includes('"code":410')).length).toBeGreaterThan(0);
      expect(resultOf(collected, "pods")).toMatchObject({ status: "complete", consistency: "inconsistent" });
      expect(uidsOf(collected, "pods")).toEqual(before);
      expect(collected.manifest.consistency).toBe("inconsistent");
    });

    it("reads the other kinds at the present when the snapshot's revision is forgotten between two kinds", async () => {
      await using gate = await gateTo(
        server.forgetful,
        beforeList("replicasets", 1, () => server.compact()),
      );
      const collected = await collect({ server: gate.url, token: server.forgetful.token });
      expect(gate.passed.filter(({ body }) => body.includes('"code":410')).length).toBeGreaterThan(0);
      for (const { resource } of KINDS) {
        const consistency = resource === "pods" ? "cut" : "kind";
        expect([resource, resultOf(collected, resource)]).toMatchObject([
          resource,
          { status: "complete", consistency },
        ]);
        expect(uidsOf(collected, resource)).toEqual(await rawUids(server.forgetful, resource));
      }
    });

    it("trusts a server whose certificate its own authority has signed, and no other", async () => {
      const { url, caFile, token } = server.admin;
      expect((await collect({ server: url, caFile, token })).manifest.objects).toBeGreaterThan(0);
      const mistrusting = collect({ server: url, caFile: server.strangeCaFile, token });
      await expect(mistrusting).rejects.toMatchObject({ code: "unreachable" });
      await expect(mistrusting).rejects.toThrow(/certificate/);
    });

    it.each(["token", "client certificate"] as const)(
      "gets in with the %s of a kubeconfig",
      async (credential) => {
        const { caFile, token } = server.admin;
        const { certFile, keyFile } = server.client;
        const user =
          credential === "token" ? { token } : { "client-certificate": certFile, "client-key": keyFile };
        const file = await kubeconfig(user, { "certificate-authority": caFile });
        const collected = await collect({ kubeconfig: [file] });
        expect(collected.manifest.kinds.map(({ status }) => status)).toEqual(KINDS.map(() => "complete"));
      },
    );

    it("never asks for the values of secrets and config maps, and sends none of what comes anyway", async () => {
      await using gate = await gateTo(server.admin);
      const { messages, documents } = await collect({ server: gate.url, token: server.admin.token });
      const sent = messages.map(({ value }) => value).join("\n");
      const asBase64 = Buffer.from(CANARY).toString("base64");
      expect(sent).not.toContain(CANARY);
      expect(sent).not.toContain(asBase64);
      // void if there had been nothing to send: the values are there, and their keys did arrive
      expect(JSON.stringify((await requestJson(server.admin, "GET", "/api/v1/secrets")).body)).toContain(
        asBase64,
      );
      expect(JSON.stringify(documents.get("secrets"))).toContain("password");
      const lists = gate.passed.filter(
        ({ path }) => path.endsWith("/secrets") || path.endsWith("/configmaps"),
      );
      expect(lists.length).toBeGreaterThan(1);
      for (const { body } of lists) {
        const { rows } = JSON.parse(body) as { rows: readonly { readonly object: object }[] };
        expect(rows.filter(({ object }) => "data" in object || "binaryData" in object)).toEqual([]);
      }
    });
  });
}
