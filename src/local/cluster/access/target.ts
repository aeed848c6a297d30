import { KINDS, type KindRef } from "../../../streams/cluster-info/kinds.ts";

/** What a request is about, read from its path alone, whether there is such a thing or not. */
export type Target =
  | { readonly kind: "path"; readonly path: string }
  | {
      readonly kind: "resource";
      readonly group: string;
      readonly version: string;
      readonly resource: string;
      readonly namespace: string | null;
      readonly name: string | null;
      /** More segments than an object has: a part of it. */
      readonly subresource: string | null;
    };

/** Follows k8s.io/apiserver's RequestInfoFactory. */
export function targetOf(path: string): Target {
  const [prefix, ...rest] = path.split("/").slice(1).map(decode);
  const [group, version, ...segments] = prefix === "api" ? ["", ...rest] : rest;
  const isApi = prefix === "api" || prefix === "apis";
  if (!isApi || group === undefined || version === undefined || segments.length === 0)
    return { kind: "path", path };
  return { kind: "resource", group, version, ...partsOf(segments) };
}

interface Parts {
  readonly resource: string;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly subresource: string | null;
}

/** `namespaces/a` is an object, `namespaces/a/pods` lies in it. */
function partsOf(segments: readonly string[]): Parts {
  const [first = "", second = null, third = null, fourth = null, fifth = null] = segments;
  if (first === "namespaces" && third !== null) {
    return { resource: third, namespace: second, name: fourth, subresource: fifth };
  }
  const namespace = first === "namespaces" ? second : null;
  return { resource: first, namespace, name: second, subresource: third };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The kind behind a target; null when this server has none there. */
export function kindOf(target: Target & { readonly kind: "resource" }): KindRef | null {
  const { group, version, resource, namespace, name, subresource } = target;
  const kind = KINDS.find(
    (ref) => ref.group === group && ref.version === version && ref.resource === resource,
  );
  if (kind === undefined || subresource !== null) return null;
  if (!kind.namespaced) return namespace === null || resource === "namespaces" ? kind : null;
  // an object in a namespace has no path without it
  return name !== null && namespace === null ? null : kind;
}
