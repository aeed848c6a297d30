import { isJsonObject } from "../../core/json.ts";
import type { Decoded, RecordView, Stream } from "../define.ts";
import { decodeCollectorForm, isCollectorForm } from "./collector-form.ts";
import { decodeMessage } from "./decode-message.ts";
import { parseJsonDocument } from "../reading/parse-json.ts";
import { rejected } from "../reading/rejected.ts";

/**
 * Snapshots of Kubernetes clusters. A record is a piece of one (see `messages.ts`), keyed by its cluster so that
 * the pieces stay in order; SQL puts the pieces together and applies a snapshot once it is whole. Records of the
 * cluster info collector, a whole snapshot each, become the same rows.
 */
export const clusterInfo: Stream = {
  name: "cluster-info",
  topic: {
    name: "cluster-info",
    partitions: 3,
    config: {
      "cleanup.policy": "delete",
      "retention.ms": String(7 * 24 * 3_600_000),
      // Kafka's own default, said aloud: the collector cuts its messages to what the topic takes
      "max.message.bytes": "1048588",
      "compression.type": "producer",
    },
  },
  group: "cluster-info-consumer",
  target: { kind: "procedure", procedure: ["clusterflow", "write_cluster_info"] },
  decode,
};

function decode({ key, value }: RecordView): Decoded {
  if (value === null)
    return rejected("the record has no value (a tombstone), and nothing in this topic can be deleted");
  const parsed = parseJsonDocument(value);
  if (parsed.kind === "rejected") return rejected(`the value ${parsed.reason}`);
  if (!isJsonObject(parsed.value)) return rejected("the value is JSON, but not an object");
  return isCollectorForm(parsed.value)
    ? decodeCollectorForm(parsed.value, value, key)
    : decodeMessage(parsed.value, key);
}
