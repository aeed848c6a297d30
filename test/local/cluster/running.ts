import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Rights } from "../../../src/local/cluster/access/who.ts";
import { createServer } from "../../../src/local/cluster/server.ts";
import { Faults } from "../../../src/local/cluster/simulation/faults.ts";
import { Store } from "../../../src/local/cluster/store/store.ts";
import { synthesize } from "../../../src/local/cluster/synthetic/cluster.ts";

export const EVERYBODY: Rights = { token: null, clientCertificates: "ignored", denied: new Set() };

export interface Running extends AsyncDisposable {
  readonly url: string;
  readonly store: Store;
  /** Asks over HTTP; any status is an answer. */
  ask(path: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<Asked>;
  /** Posts to the simulation's own paths and expects that to be done. */
  post(path: string, body: unknown): Promise<void>;
}

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** The server of this process on a free port. */
export async function run(objects: number, rights: Rights = EVERYBODY): Promise<Running> {
  const store = new Store(synthesize(objects, 1));
  const server = createServer({ store, faults: new Faults(), rights }, null);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    store,
    async ask(path, headers = {}, method = "GET") {
      const response = await fetch(url + path, { method, headers });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: decode(text) };
    },
    async post(path, body) {
      const response = await fetch(url + path, { method: "POST", body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function decode(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
