import type { JsonObject } from "../../../core/json.ts";
import { intOrTextOf, objectOf, objectsOf, textOf, textsOf, wholeOf } from "./fields.ts";
import { labelledOf, namedOf } from "./metadata.ts";

export function serviceSummary(document: JsonObject): JsonObject {
  const spec = objectOf(document["spec"]);
  return {
    type: textOf(spec["type"]),
    cluster_ip: textOf(spec["clusterIP"]),
    external_ips: textsOf(spec["externalIPs"]),
    load_balancer: loadBalancerOf(objectOf(document["status"])),
    ports: objectsOf(spec["ports"]).map(portOf),
    selector: objectOf(spec["selector"]),
    ...namedOf(document),
    ...labelledOf(document),
  };
}

/** The addresses that a load balancer gave the service: an IP address each, or a host name where it has none. */
function loadBalancerOf(status: JsonObject): readonly string[] {
  return objectsOf(objectOf(status["loadBalancer"])["ingress"])
    .map((address) => textOf(address["ip"]) || textOf(address["hostname"]))
    .filter((address) => address !== "");
}

function portOf(port: JsonObject): JsonObject {
  const nodePort = wholeOf(port["nodePort"]);
  return {
    name: textOf(port["name"]),
    protocol: textOf(port["protocol"]),
    port: wholeOf(port["port"]),
    target_port: intOrTextOf(port["targetPort"]),
    ...(nodePort === 0 ? {} : { node_port: nodePort }),
  };
}
