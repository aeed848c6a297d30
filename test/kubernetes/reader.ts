import { KubernetesClient, type ClientOptions } from "../../src/kubernetes/client.ts";
import { type Connection, loadConnection } from "../../src/kubernetes/connection.ts";
import type { Report } from "../../src/core/report.ts";
import type { KubernetesSettings } from "../../src/config/parts.ts";
import { kubernetesSettings } from "./api-server.ts";

export interface Reader extends Disposable {
  readonly client: KubernetesClient;
  readonly connection: Connection;
  readonly reports: Report[];
  readonly controller: AbortController;
}

/** A client of a server, with short bounds where the test wants them. */
export async function reader(
  settings: Partial<KubernetesSettings>,
  options: Partial<ClientOptions> = {},
  variables: Readonly<Record<string, string | undefined>> = {},
): Promise<Reader> {
  const connection = await loadConnection(kubernetesSettings(settings), variables);
  const reports: Report[] = [];
  const controller = new AbortController();
  const client = new KubernetesClient(connection, {
    tell: (report) => void reports.push(report),
    signal: controller.signal,
    giveUpAfterMs: 10_000,
    ...options,
  });
  return { client, connection, reports, controller, [Symbol.dispose]: () => client[Symbol.dispose]() };
}
