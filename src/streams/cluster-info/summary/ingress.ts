import type { JsonObject } from "../../../core/json.ts";
import { objectOf, objectsOf, textOf, textsOf, wholeOf } from "./fields.ts";
import { labelledOf, namedOf } from "./metadata.ts";

export function ingressSummary(document: JsonObject): JsonObject {
  const spec = objectOf(document["spec"]);
  const rules = objectsOf(spec["rules"]);
  const hosts = rules.map((rule) => textOf(rule["host"])).filter((host) => host !== "");
  return {
    hosts: [...new Set(hosts)],
    paths: [...rules.flatMap(pathsOf), ...defaultPath(spec)],
    tls: objectsOf(spec["tls"]).map((entry) => ({
      hosts: textsOf(entry["hosts"]),
      secret_name: textOf(entry["secretName"]),
    })),
    ...namedOf(document),
    ...labelledOf(document),
  };
}

function pathsOf(rule: JsonObject): readonly JsonObject[] {
  const host = textOf(rule["host"]);
  return objectsOf(objectOf(rule["http"])["paths"]).map((path) => ({
    host,
    path: textOf(path["path"]),
    path_type: textOf(path["pathType"]),
    ...backendOf(objectOf(path["backend"])),
  }));
}

/** Where whatever no rule matches goes: a path with neither host nor path nor type. */
function defaultPath(spec: JsonObject): readonly JsonObject[] {
  if (!("defaultBackend" in spec)) return [];
  return [{ host: "", path: "", path_type: "", ...backendOf(objectOf(spec["defaultBackend"])) }];
}

/** A port has a number or a name; both are "not there" for a backend that is a resource instead of a service. */
function backendOf(backend: JsonObject): JsonObject {
  const service = objectOf(backend["service"]);
  const port = objectOf(service["port"]);
  return {
    service_name: textOf(service["name"]),
    service_port: wholeOf(port["number"]),
    service_port_name: textOf(port["name"]),
  };
}
