import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

/** One request that went through the gate. */
interface Passed {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  /** What the server answered, unpacked. */
  readonly body: string;
}

/** Called before a request goes on to the server; the request waits for it. */
export type BeforePassing = (request: {
  readonly path: string;
  readonly query: URLSearchParams;
}) => Promise<void>;

export interface Gate extends AsyncDisposable {
  readonly url: string;
  readonly passed: readonly Passed[];
}

/**
 * Stands between a client and an API server, so that a test can do something at a certain request and see what
 * crossed the wire. Plain HTTP on the loopback in front, whatever the server speaks behind.
 */
export async function openGate(
  server: { readonly url: string; readonly caFile: string | null },
  beforePassing: BeforePassing = () => Promise.resolve(),
): Promise<Gate> {
  const ca = server.caFile === null ? undefined : await readFile(server.caFile);
  const passed: Passed[] = [];
  const gate = http.createServer((request, response) => {
    const url = new URL(request.url ?? "/", server.url);
    beforePassing({ path: url.pathname, query: url.searchParams })
      .then(() => forward(request, url, ca))
      .then((answer) => {
        passed.push({
          path: url.pathname,
          query: url.searchParams,
          accept: request.headers.accept ?? "",
          body: answer.text,
        });
        reply(response, answer);
      })
      .catch((thrown: unknown) =>
        response.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))),
      );
  });
  gate.listen(0, "127.0.0.1");
  await once(gate, "listening");
  return {
    url: `http://127.0.0.1:${(gate.address() as AddressInfo).port}`,
    passed,
    async [Symbol.asyncDispose]() {
      gate.closeAllConnections();
      gate.close();
      await once(gate, "close");
    },
  };
}

interface Forwarded {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

async function forward(request: IncomingMessage, url: URL, ca: Buffer | undefined): Promise<Forwarded> {
  const headers = without(request.headers, "host");
  const options = { method: request.method, headers, agent: false as const };
  const sent =
    url.protocol === "https:" ? https.request(url, { ...options, ca }) : http.request(url, options);
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const bytes = await buffer(response);
  const isPacked = response.headers["content-encoding"] === "gzip";
  const text = (isPacked ? gunzipSync(bytes) : bytes).toString("utf8");
  return { status: response.statusCode ?? 0, headers: response.headers, bytes, text };
}

function reply(response: ServerResponse, { status, headers, bytes }: Forwarded): void {
  const kept = without(headers, "transfer-encoding", "connection");
  response.writeHead(status, { ...kept, "content-length": bytes.length });
  response.end(bytes);
}

function without(headers: http.IncomingHttpHeaders, ...names: readonly string[]): http.IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
