import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { seed } from "../kube-apiserver/seed.ts";
import { type KubeApiServer, startKubeApiServer } from "../kube-apiserver/start.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly kubeApiServer: KubeApiServer;
  }
}

const ROOT = join(import.meta.dirname, "../..");

/** A real kube-apiserver with a small cluster in it, and the programs of this project, built. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(join(ROOT, "dist/local/cluster/main.js"))) {
    await promisify(execFile)("npm", ["run", "--silent", "build"], { cwd: ROOT });
  }
  const { server, stop } = await startKubeApiServer();
  try {
    await seed({ url: server.url, token: server.tokens.admin, caFile: server.certificates.serverCa });
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  project.provide("kubeApiServer", server);
  return stop;
}
