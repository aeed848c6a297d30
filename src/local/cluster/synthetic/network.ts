import type { JsonObject } from "../../../core/json.ts";
import type { Draft } from "./draft.ts";
import type { Layout } from "./layout.ts";
import { appLabels } from "./pod-template.ts";

export function draftService(layout: Layout, index: number): Draft {
  const identity = layout.service(index);
  if (index === 0) {
    return {
      identity,
      apiVersion: "v1",
      labels: { component: "apiserver", provider: "kubernetes" },
      authors: [{ manager: "kube-apiserver", at: identity.created }],
      body: service(HTTPS_PORT, "10.96.0.1", {}),
    };
  }
  const isHeadless = index > layout.plan.deployments;
  const labels = appLabels({ name: identity.name, role: "deployment", version: 1 });
  const address = isHeadless
    ? "None"
    : `10.${96 + ((index >> 16) & 15)}.${(index >> 8) & 255}.${index & 255}`;
  return {
    identity,
    apiVersion: "v1",
    labels,
    authors: [{ manager: "helm", at: identity.created }],
    body: service(HTTP_PORT, address, { selector: labels }),
  };
}

function service(port: JsonObject, clusterIP: string, selector: JsonObject): JsonObject {
  return {
    spec: {
      ports: [port],
      ...selector,
      clusterIP,
      clusterIPs: [clusterIP],
      type: "ClusterIP",
      sessionAffinity: "None",
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      internalTrafficPolicy: "Cluster",
    },
    status: { loadBalancer: {} },
  };
}

const HTTPS_PORT = { name: "https", protocol: "TCP", port: 443, targetPort: 6443 };
const HTTP_PORT = { name: "http", protocol: "TCP", port: 80, targetPort: "http" };

export function draftIngress(layout: Layout, index: number): Draft {
  const identity = layout.ingress(index);
  const host = `${identity.name}.${identity.namespace ?? "default"}.example.com`;
  const backend = { service: { name: identity.name, port: { name: "http" } } };
  return {
    identity,
    apiVersion: "networking.k8s.io/v1",
    generation: 1,
    labels: appLabels({ name: identity.name, role: "deployment", version: 1 }),
    annotations: { "cert-manager.io/cluster-issuer": "letsencrypt" },
    authors: [
      { manager: "helm", at: identity.created },
      { manager: "ingress-controller", at: identity.created + 30, subresource: "status" },
    ],
    body: {
      spec: {
        ingressClassName: "nginx",
        tls: [{ hosts: [host], secretName: `${identity.name}-tls` }],
        rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      },
      status: { loadBalancer: { ingress: [{ ip: "203.0.113.10" }] } },
    },
  };
}
