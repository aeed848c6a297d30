import { once } from "node:events";
import type { Server } from "node:http";
import { ClusterflowError, exitStatusOf, toClusterflowError } from "../../core/errors.ts";
import { parseOptions, type SimulatorOptions } from "./arguments.ts";
import { startChurn } from "./simulation/churn.ts";
import { Faults } from "./simulation/faults.ts";
import { createServer } from "./server.ts";
import { Store } from "./store/store.ts";
import { synthesize } from "./synthetic/cluster.ts";

/*
 * The simulated Kubernetes API server: a program of its own, started by the local stack where there is no cluster
 * to read. Says `{"url": ...}` on one line when it is ready, and ends on SIGTERM or SIGINT.
 */

/** Requests that are under way get this long to end. */
const GRACE_MS = 2000;

async function main(options: SimulatorOptions): Promise<void> {
  const store = new Store(synthesize(options.objects, options.seed));
  const server = createServer({ store, faults: new Faults(), rights: options.rights }, options.tls);
  await listen(server, options);
  process.stdout.write(`${JSON.stringify({ url: urlOf(server, options) })}\n`);
  const churn = options.churn === 0 ? null : startChurn(store, options.seed, options.churn);
  const end = (): void => {
    churn?.[Symbol.dispose]();
    server.close();
    setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
}

async function listen(server: Server, { host, port }: SimulatorOptions): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "unknown reason";
    const hint = "--port 0 takes any free port";
    throw new ClusterflowError(`Nothing can listen at ${host}:${port}: ${why}.`, {
      code: "usage",
      hint,
      cause,
    });
  }
}

function urlOf(server: Server, { tls, host }: SimulatorOptions): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `${tls === null ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (thrown) {
  const error = toClusterflowError(thrown);
  process.stderr.write(`${error.message}\n${error.hint === null ? "" : `${error.hint}\n`}`);
  process.exitCode = exitStatusOf(error);
}
