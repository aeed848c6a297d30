import { jsonAnswer, textAnswer, type Answer } from "./answer.ts";
import { keyOf } from "./store/collection.ts";
import {
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  GROUPS,
} from "./show/discovery.ts";
import { getOne } from "./show/get.ts";
import { list } from "./list/list.ts";
import { parseListOptions } from "./list/list-options.ts";
import { positionOf } from "./list/list-position.ts";
import { discoveryFormOf, representationOf } from "./show/negotiate.ts";
import {
  badRequest,
  methodNotAllowed,
  objectNotFound,
  pageNotFound,
  resourceNotFound,
  revisionTooLarge,
} from "./status.ts";
import type { Store } from "./store/store.ts";
import { parseIncludeObject } from "./show/table.ts";
import { kindOf, type Target } from "./access/target.ts";
import { VERSION } from "./show/version.ts";

/** A request that has been let in. */
export interface Asked {
  readonly method: string;
  readonly target: Target;
  readonly query: URLSearchParams;
  readonly accept: string | undefined;
  /** Where the client believes the server to be, `host:port`. */
  readonly host: string;
  /** A test wants every revision but the newest to be forgotten. */
  readonly isForgetful: boolean;
}

type ResourceTarget = Target & { readonly kind: "resource" };

/** The whole Kubernetes side of the server, apart from who may ask. */
export function handle(asked: Asked, store: Store): Answer {
  const { target } = asked;
  if (target.kind === "path") return handlePath(target.path, asked);
  if (target.group !== "" && !GROUPS.includes(target.group)) return pageNotFound();
  if (kindOf(target) === null) return resourceNotFound();
  if (asked.method !== "GET") return methodNotAllowed();
  return target.name === null
    ? answerList(target, asked, store)
    : answerGet(target, target.name, asked, store);
}

function handlePath(path: string, asked: Asked): Answer {
  const answer = plainPath(path) ?? discoveryPath(path, asked);
  if (answer === null) return pageNotFound();
  return asked.method === "GET" ? answer : methodNotAllowed();
}

function plainPath(path: string): Answer | null {
  switch (path) {
    case "/healthz":
    case "/livez":
    case "/readyz":
      return textAnswer(200, "ok", { "x-content-type-options": "nosniff" });
    case "/version":
      return jsonAnswer(VERSION);
    case "/api/v1":
      return jsonAnswer(apiResourceList(""));
    default: {
      const [, group = "", version] = /^\/apis\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
      if (!GROUPS.includes(group)) return null;
      if (version === undefined) return jsonAnswer(apiGroup(group));
      return version === "v1" ? jsonAnswer(apiResourceList(group)) : resourceNotFound();
    }
  }
}

/** The two paths that have an old and a new form. */
function discoveryPath(path: string, { accept, host }: Asked): Answer | null {
  if (path !== "/api" && path !== "/apis") return null;
  const form = discoveryFormOf(accept);
  if (form.kind === "refused") return form.answer;
  if (form.value === "legacy") return jsonAnswer(path === "/api" ? apiVersions(host) : apiGroupList());
  return jsonAnswer(aggregatedDiscovery(path === "/api" ? [""] : GROUPS), AGGREGATED_TYPE);
}

const AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

function answerList(target: ResourceTarget, asked: Asked, store: Store): Answer {
  const kind = kindOf(target);
  const collection = store.collection(target.resource);
  if (kind === null || collection === null) return resourceNotFound();
  const representation = representationOf(asked.accept, "list");
  if (representation.kind === "refused") return representation.answer;
  const includeObject = parseIncludeObject(asked.query.get("includeObject"));
  if (includeObject === null) return badIncludeObject(asked.query);
  const options = parseListOptions(asked.query);
  if (options.kind === "refused") return options.answer;
  const times = { revision: store.revision, compacted: store.compacted, isForgetful: asked.isForgetful };
  const position = positionOf(options.value, target.namespace, times);
  if (position.kind === "refused") return position.answer;
  const { selector } = options.value;
  const shape = { representation: representation.value, includeObject };
  return list(
    { kind, collection, namespace: target.namespace, position: position.value, selector, ...shape },
    store,
  );
}

function answerGet(target: ResourceTarget, name: string, asked: Asked, store: Store): Answer {
  const kind = kindOf(target);
  const collection = store.collection(target.resource);
  if (kind === null || collection === null) return resourceNotFound();
  const representation = representationOf(asked.accept, "one");
  if (representation.kind === "refused") return representation.answer;
  const includeObject = parseIncludeObject(asked.query.get("includeObject"));
  if (includeObject === null) return badIncludeObject(asked.query);
  const version = Number(asked.query.get("resourceVersion") ?? "0");
  if (version > store.revision) return revisionTooLarge(version, store.revision);
  const namespace = kind.namespaced ? target.namespace : null;
  const document = collection.read(keyOf({ namespace, name }), store.revision);
  if (document === null) return objectNotFound(target.group, target.resource, name);
  return getOne(document, { kind, representation: representation.value, includeObject, now: store.now });
}

function badIncludeObject(query: URLSearchParams): Answer {
  return badRequest(`unrecognized includeObject value: ${JSON.stringify(query.get("includeObject"))}`);
}
