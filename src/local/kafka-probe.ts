import { exchange, reasonOf } from "./raw-exchange.ts";

const API_VERSIONS = 18;
const METADATA = 3;

/**
 * Why a broker does not serve on this port, null when it does: it has to answer ApiVersions, name the
 * cluster we made (and not be somebody else's broker), and itself know of all the brokers, for a broker
 * that is registered but fenced opens its port before it serves.
 */
export async function kafkaNotReady(
  port: number,
  expected: { readonly clusterId: string; readonly brokers: number },
  timeoutMs: number,
): Promise<string | null> {
  try {
    // Kafka answers the requests of a connection in order, so both may go at once.
    const requests = Buffer.concat([request(API_VERSIONS, 0, 1), request(METADATA, 2, 2, Buffer.alloc(4))]);
    const answer = await exchange(port, requests, (received) => frames(received).length >= 2, timeoutMs);
    return judge(frames(answer), expected);
  } catch (thrown) {
    if (thrown instanceof RangeError) return "whatever answers on its port is not Kafka";
    return reasonOf(thrown);
  }
}

/** Header version 1: key, version, correlation id, client id; https://kafka.apache.org/protocol */
function request(key: number, version: number, correlation: number, body = Buffer.alloc(0)): Buffer {
  const client = Buffer.from("clusterflow-local");
  const head = Buffer.alloc(14);
  head.writeInt32BE(10 + client.length + body.length, 0);
  head.writeInt16BE(key, 4);
  head.writeInt16BE(version, 6);
  head.writeInt32BE(correlation, 8);
  head.writeInt16BE(client.length, 12);
  return Buffer.concat([head, client, body]);
}

/** The whole frames among the bytes, without their sizes. A size no broker sends means that none is there. */
function frames(received: Buffer): readonly Buffer[] {
  const whole: Buffer[] = [];
  for (let at = 0; at + 4 <= received.length;) {
    const size = received.readInt32BE(at);
    if (size < 4 || size > 1_000_000) throw new RangeError("not a Kafka frame");
    if (at + 4 + size > received.length) break;
    whole.push(received.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return whole;
}

function judge(
  [versions, metadata]: readonly Buffer[],
  expected: { readonly clusterId: string; readonly brokers: number },
): string | null {
  if (versions === undefined || metadata === undefined) return "it gives no answer";
  const error = versions.readInt16BE(4);
  if (error !== 0) return `it answers ApiVersions with error ${error}`;
  const seen = decodeMetadata(metadata);
  if (seen.clusterId !== expected.clusterId)
    return `a broker of another cluster (${seen.clusterId}) answers on its port`;
  if (seen.brokers < expected.brokers) return `it sees ${seen.brokers} of ${expected.brokers} brokers`;
  return null;
}

/** Metadata response, version 2, up to the cluster's id. */
function decodeMetadata(frame: Buffer): { readonly brokers: number; readonly clusterId: string | null } {
  let at = 4; // behind the correlation id
  const int32 = (): number => frame.readInt32BE((at += 4) - 4);
  const text = (): string | null => {
    const length = frame.readInt16BE((at += 2) - 2);
    return length < 0 ? null : frame.toString("utf8", at, (at += length));
  };
  const brokers = int32();
  for (let left = brokers; left > 0; left--) {
    int32(); // node id
    text(); // host
    int32(); // port
    text(); // rack
  }
  return { brokers, clusterId: text() };
}
