import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { KubernetesSettings } from "../../src/config/parts.ts";

/** A request that the server under the test's control has seen. */
export interface Seen {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
}

export interface ApiServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly requests: Seen[];
  readonly server: Server;
}

type Handler = (seen: Seen, response: ServerResponse) => void;

/** A listening server whose every answer the test decides. */
export async function serve(
  handler: Handler,
  options: { tls?: ServerOptions; port?: number } = {},
): Promise<ApiServer> {
  const requests: Seen[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? "/", "http://server");
    const seen = { path: url.pathname, query: url.searchParams, headers: request.headers };
    requests.push(seen);
    handler(seen, response);
  };
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    port,
    requests,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Recording {
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a real server answered: the request's path, the status, the headers that matter here and the body. */
export function recording(name: string): Recording {
  const file = join(import.meta.dirname, "../recordings/kubernetes", `${name}.http`);
  const bytes = readFileSync(file);
  const requestEnd = bytes.indexOf("\n\n");
  const bodyStart = bytes.indexOf("\n\n", requestEnd + 2) + 2;
  const [path = ""] = /(?<=^[A-Z]+ )\S+/.exec(bytes.toString("latin1", 0, requestEnd)) ?? [];
  const [statusLine = "", ...headerLines] = bytes
    .toString("latin1", requestEnd + 2, bodyStart)
    .trim()
    .split("\n");
  const kept = headerLines
    .map((line) => line.split(/: (.*)/s) as [string, string])
    .filter(([header]) => ["content-type", "retry-after", "content-encoding"].includes(header.toLowerCase()));
  return {
    path,
    status: Number(statusLine.split(" ")[1]),
    headers: Object.fromEntries(kept),
    body: bytes.subarray(bodyStart),
  };
}

/** Sends a recording, its body in small pieces as a slow network would. */
export function replay(response: ServerResponse, name: string): void {
  const { status, headers, body } = recording(name);
  response.writeHead(status, headers);
  for (let at = 0; at < body.length; at += 1000) response.write(body.subarray(at, at + 1000));
  response.end();
}

export function sendJson(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

export function sendStatus(
  response: ServerResponse,
  code: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  sendJson(response, { kind: "Status", apiVersion: "v1", status: "Failure", message, code }, code, headers);
}

export function sendNotFound(response: ServerResponse): void {
  response.writeHead(404, { "Content-Type": "text/plain" });
  response.end("404 page not found\n");
}

/** Settings that name nothing; each test says what it means. */
export function kubernetesSettings(given: Partial<KubernetesSettings> = {}): KubernetesSettings {
  return {
    kubeconfig: [],
    context: null,
    server: null,
    token: null,
    caFile: null,
    insecureSkipTlsVerify: false,
    clusterId: null,
    clusterName: null,
    pageSize: 500,
    ...given,
  };
}
