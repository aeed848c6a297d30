import { areLoopback, isLoopback } from "../loopback.ts";
import type { Answers } from "./answers.ts";
import type { Gathering } from "./gathering.ts";
import { isAnyNamed, isLocalServer } from "./local-servers.ts";
import { givenText } from "./sources.ts";

/** What was decided about servers without anybody's word; a mixture of named and local ones is never silent. */
export function serverNotices(gathering: Gathering, answers: Answers): readonly string[] {
  const { asker, input } = gathering;
  if (answers.mode === "e2e" || (asker !== null && !input.takesDefaults)) return [];
  const notices = [
    clusterNotice(gathering, answers),
    isAnyNamed(gathering) ? mixture(gathering, answers) : null,
  ];
  return notices.filter((notice) => notice !== null);
}

function clusterNotice(gathering: Gathering, { collector }: Answers): string | null {
  const { kubeconfig, context, server } = collector;
  if (givenText(gathering, "kubeServer") !== null || kubeconfig !== null || context !== null) return null;
  const simulated = gathering.local.clusterUrl;
  if (simulated !== null)
    return `the cluster is the local stack's simulated one, ${simulated}; --kubeconfig or --kube-context names a real one`;
  return server === null ? notTaken(gathering) : standing(gathering, server);
}

function notTaken({ input }: Gathering): string | null {
  const url = input.local?.clusterUrl ?? null;
  if (url === null) return null;
  return `the local stack's simulated cluster is not taken, since another server is named; --kube-server ${url} takes it`;
}

function standing(gathering: Gathering, server: string): string | null {
  if (!isLocalServer(server) || !isAnyNamed(gathering)) return null;
  return `the cluster is ${server}, as in the existing file; --kubeconfig or --kube-context names another`;
}

function mixture(gathering: Gathering, answers: Answers): string | null {
  const { host, port } = answers.database;
  const brokers = answers.mode === "legacy" ? null : answers.kafka.brokers;
  const isBroker = brokers !== null && areLoopback(brokers.split(","));
  const own = [
    ...(isBroker && givenText(gathering, "brokers") === null ? [[`Kafka at ${brokers}`, "--brokers"]] : []),
    ...(isLoopback(host) && givenText(gathering, "databaseHost") === null
      ? [[`PostgreSQL at ${host}:${port}`, "--db-host"]]
      : []),
  ];
  if (own.length === 0) return null;
  const [servers, flags] = [0, 1].map((index) => own.map((pair) => pair[index]).join(" and "));
  return `not named, so this machine's: ${servers}; ${flags} ${own.length === 1 ? "names another" : "name others"}`;
}
