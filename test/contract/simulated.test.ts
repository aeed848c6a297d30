import { expect, inject } from "vitest";
import { type Access, requestJson } from "../kube-apiserver/request.ts";
import { simulatedCluster } from "../support/simulated-cluster.ts";
import { collectorContract } from "./collector-contract.ts";
import type { ContractServer, TestObject } from "./contract-server.ts";

const TOKEN = "contract-token";

/** Two of them: the same cluster, once with everything allowed and once without secrets. */
async function open(): Promise<ContractServer> {
  const { certificates } = inject("kubeApiServer");
  const tls = ["--tls-cert", certificates.serverCert, "--tls-key", certificates.serverKey];
  const words = ["--objects", "300", "--token", TOKEN, ...tls, "--client-ca", certificates.clientCa];
  const open = await simulatedCluster(words);
  const partial = await simulatedCluster([...words, "--deny", "secrets"]);
  const caFile = certificates.serverCa;
  const admin = { url: open.url, caFile, token: TOKEN };
  const change = (what: object): Promise<void> => post(admin, "/simulator/changes", what);
  return {
    admin,
    forgetful: admin,
    partial: { url: partial.url, caFile, token: TOKEN },
    strangeCaFile: certificates.strangeCa,
    client: { certFile: certificates.clientCert, keyFile: certificates.clientKey },
    namespace: "default",
    create: (object: TestObject, data = { key: "value" }) => change({ create: { ...object, data } }),
    remove: (object: TestObject) => change({ delete: object }),
    async compact() {
      await change({
        create: { resource: "configmaps", namespace: "default", name: `moved-on-${Date.now()}` },
      });
      await post(admin, "/simulator/compact", {});
    },
    async [Symbol.asyncDispose]() {
      await open[Symbol.asyncDispose]();
      await partial[Symbol.asyncDispose]();
    },
  };
}

async function post(access: Access, path: string, body: object): Promise<void> {
  const answer = await requestJson(access, "POST", path, body);
  expect([answer.status, answer.body]).toMatchObject([200, {}]);
}

collectorContract("the simulated API server", open);
