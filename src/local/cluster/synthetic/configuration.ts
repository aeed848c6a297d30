import type { JsonObject } from "../../../core/json.ts";
import type { Draft } from "./draft.ts";
import type { Identity, Layout } from "./layout.ts";

/**
 * Every value of a Secret or a ConfigMap begins with it, also where `kubectl apply` leaves a copy of the values.
 * Whoever finds it in what a collector sent has found a leak. 18 bytes, so that the base64 form of a value has a
 * fixed beginning too.
 */
export const CANARY = "clusterflow-canary";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

export function draftConfigMap(layout: Layout, index: number): Draft {
  const identity = layout.configMap(index);
  if (index < layout.plan.namespaces) {
    const data = {
      "ca.crt": `${CANARY}-----BEGIN CERTIFICATE-----\n${layout.dice.hex(1200, "cluster ca")}\n`,
    };
    return configuration(identity, {
      manager: "kube-controller-manager",
      kind: "ConfigMap",
      type: null,
      data,
    });
  }
  const data = {
    "application.yaml": value("application.yaml", index, layout, 400),
    "log.level": value("level", index, layout, 2),
  };
  const isBinary = layout.dice.fraction(`binary ${index}`) < 0.1;
  const binaryData = isBinary
    ? { binaryData: { "logo.png": base64(value("logo", index, layout, 300)) } }
    : {};
  const manager = managerOf(`config ${index}`, layout);
  return configuration(identity, { manager, kind: "ConfigMap", type: null, data, ...binaryData });
}

export function draftSecret(layout: Layout, index: number): Draft {
  const round = Math.floor(index / layout.plan.deployments);
  const identity = layout.secret(index);
  const [type, keys] = round === 0 ? OPAQUE : layout.dice.one([TLS, HELM, DOCKER, OPAQUE], `type ${index}`);
  const bytes = type === HELM[0] ? 1500 : 24;
  const data = Object.fromEntries(
    keys.map((key) => [key, base64(value(key, index, layout, bytes))] as const),
  );
  return configuration(identity, {
    manager: managerOf(`secret ${index}`, layout),
    kind: "Secret",
    type,
    data,
  });
}

type SecretType = readonly [type: string, keys: readonly string[]];

const OPAQUE: SecretType = ["Opaque", ["password", "username"]];
const TLS: SecretType = ["kubernetes.io/tls", ["tls.crt", "tls.key"]];
const HELM: SecretType = ["helm.sh/release.v1", ["release"]];
const DOCKER: SecretType = ["kubernetes.io/dockerconfigjson", [".dockerconfigjson"]];

interface Contents {
  readonly manager: string;
  readonly kind: "ConfigMap" | "Secret";
  readonly type: string | null;
  readonly data: JsonObject;
  readonly binaryData?: JsonObject;
}

function configuration(identity: Identity, contents: Contents): Draft {
  const { manager, type, data, binaryData } = contents;
  return {
    identity,
    apiVersion: "v1",
    ...(manager === KUBECTL ? { annotations: { [LAST_APPLIED]: lastApplied(identity, contents) } } : {}),
    authors: [{ manager, at: identity.created }],
    body: { data, ...(binaryData === undefined ? {} : { binaryData }), ...(type === null ? {} : { type }) },
  };
}

const KUBECTL = "kubectl-client-side-apply";

function managerOf(what: string, layout: Layout): string {
  return layout.dice.one(["helm", "helm", KUBECTL, "argocd-controller"], `manager ${what}`);
}

/** What client-side apply keeps in an annotation: the whole object as it was given, values included. */
function lastApplied(identity: Identity, { kind, type, data }: Contents): string {
  const metadata = { annotations: {}, name: identity.name, namespace: identity.namespace };
  return `${JSON.stringify({ apiVersion: "v1", data, kind, metadata, ...(type === null ? {} : { type }) })}\n`;
}

function value(key: string, index: number, layout: Layout, bytes: number): string {
  return `${CANARY}-${layout.dice.hex(bytes, `value ${key} ${index}`)}`;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
