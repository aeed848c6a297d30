import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openTokens } from "../../src/http/gateway/tokens.ts";
import type { Scope } from "../../src/http/gateway/ports.ts";
import { startCli } from "../../test/support/cli.ts";
import { SECRET, TOKENS } from "../../test/support/gateway-world.ts";

export interface RunningGateway extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** `clusterflow ingest` as people start it, on a free port. */
export async function startGateway(environment: Readonly<Record<string, string>>): Promise<RunningGateway> {
  const child = startCli(["ingest"], { env: { ...environment, JWT_SECRET: SECRET, PORT: "0" } });
  const url = await urlOf(child);
  return {
    url,
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      const closed = once(child, "close");
      child.kill("SIGTERM");
      await closed;
    },
  };
}

async function urlOf(child: ChildProcess): Promise<string> {
  let heard = "";
  return new Promise((resolve, reject) => {
    // read to its end, also when the address is known: a full pipe would stop the process
    child.stderr!.on("data", (bytes: Buffer) => {
      if (heard.length < 10_000) heard += bytes.toString();
      const url = /taken at (\S+)/.exec(heard)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once("close", () => reject(new Error(`the gateway ended: ${heard}`)));
  });
}

/** A token that the gateway believes. */
export async function tokenFor(id: string, scope: Scope): Promise<string> {
  return openTokens(TOKENS).issue!({ id, name: id, email: null, scopes: [scope] });
}
