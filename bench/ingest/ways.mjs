// Two ways for events into Kafka: through a gateway, and by kafkajs as people use it. Each gives a function that sends
// so many events from the n-th on and says whether all of them were acknowledged.
import { Buffer } from "node:buffer";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { URL } from "node:url";
import kafkajs from "kafkajs";
import { toMessage } from "../../dist/streams/quiz/message.js";
import { eventOf } from "./load.mjs";

/** One event as JSON, more of them as lines, each request by the next user. */
export function toGateway({ url, tokens, run, batch, connections }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(url);
  const path = batch === 1 ? "/api/events" : "/v1/events";
  const type = batch === 1 ? "application/json" : "application/x-ndjson";
  return {
    send(first) {
      const body = numbers(first, batch)
        .map((n) => JSON.stringify(eventOf(run, n)))
        .join("\n");
      const authorization = `Bearer ${tokens[(first / batch) % tokens.length]}`;
      const headers = { "content-type": type, "content-length": Buffer.byteLength(body), authorization };
      return new Promise((resolve) => {
        const sent = request({ hostname, port, path, method: "POST", agent, headers }, (answer) => {
          answer.resume();
          answer.once("end", () => resolve(answer.statusCode === 201));
          answer.once("error", () => resolve(false));
        });
        sent.once("error", () => resolve(false));
        sent.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}

/** The messages that the gateway makes of the same events, batched alike, acks=all. */
export async function toKafka({ brokers, topic, run, batch }) {
  const kafka = new kafkajs.Kafka({
    brokers,
    logLevel: kafkajs.logLevel.NOTHING,
    // kafkajs leaves Nagle's algorithm on, which keeps a small request back
    socketFactory: ({ host, port, onConnect }) => connect({ host, port }, onConnect).setNoDelay(true),
  });
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  return {
    async send(first) {
      const at = new Date().toISOString();
      const messages = numbers(first, batch).map((n) => toMessage(eventOf(run, n), at).message);
      try {
        await producer.send({ topic, acks: -1, messages });
        return true;
      } catch {
        return false;
      }
    },
    close: () => producer.disconnect(),
  };
}

function numbers(first, count) {
  return Array.from({ length: count }, (_, i) => first + i);
}
