import { expect, inject } from "vitest";
import { type Access, requestJson } from "../kube-apiserver/request.ts";
import type { KubeApiServer } from "../kube-apiserver/start.ts";
import { collectorContract } from "./collector-contract.ts";
import type { ContractServer, TestObject } from "./contract-server.ts";

const CONTAINER = { name: "c", image: "busybox:1.37" };

function bodyOf({ resource, namespace, name }: TestObject, data: Readonly<Record<string, string>>): object {
  const metadata = { namespace, name };
  switch (resource) {
    case "pods":
      return { apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [CONTAINER] } };
    case "secrets":
      return { apiVersion: "v1", kind: "Secret", metadata, stringData: data };
    case "configmaps":
      return { apiVersion: "v1", kind: "ConfigMap", metadata, data };
  }
}

async function revisionOf(access: Access): Promise<string> {
  const { body } = await requestJson(access, "GET", "/api/v1/nodes?limit=1");
  return (body as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
}

/** Compacts etcd as far as it has come, and waits until the API server has noticed. */
async function compact(etcdUrl: string, access: Access): Promise<void> {
  const old = await revisionOf(access);
  const move = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "moved-on-" } };
  await requestJson(access, "POST", "/api/v1/namespaces/infra/configmaps", move);
  const request = { method: "POST", body: JSON.stringify({ revision: await revisionOf(access) }) };
  expect((await fetch(`${etcdUrl}/v3/kv/compaction`, request)).status).toBe(200);
  const exact = `/api/v1/nodes?limit=1&resourceVersion=${old}&resourceVersionMatch=Exact`;
  await expect
    .poll(async () => (await requestJson(access, "GET", exact)).status, { timeout: 20_000 })
    .toBe(410);
}

async function open(kube: KubeApiServer): Promise<ContractServer> {
  const { url, forgetfulUrl, tokens, certificates } = kube;
  const caFile = certificates.serverCa;
  const admin = { url, caFile, token: tokens.admin };
  const forgetful = { url: forgetfulUrl, caFile, token: tokens.admin };
  const pathOf = ({ resource, namespace }: TestObject): string =>
    `/api/v1/namespaces/${namespace}/${resource}`;
  return Promise.resolve({
    admin,
    forgetful,
    partial: { url, caFile, token: tokens.partial },
    strangeCaFile: certificates.strangeCa,
    client: { certFile: certificates.clientCert, keyFile: certificates.clientKey },
    namespace: "shop",
    async create(object: TestObject, data = { key: "value" }) {
      expect((await requestJson(admin, "POST", pathOf(object), bodyOf(object, data))).status).toBe(201);
    },
    async remove(object: TestObject) {
      // at once: no kubelet is there to end a pod in its own time
      const path = `${pathOf(object)}/${object.name}?gracePeriodSeconds=0`;
      expect((await requestJson(admin, "DELETE", path)).status).toBe(200);
    },
    compact: () => compact(kube.etcdUrl, forgetful),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

collectorContract("a real kube-apiserver", () => open(inject("kubeApiServer")));
