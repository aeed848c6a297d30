import { ClusterflowError } from "../core/errors.ts";
import { choosePort } from "./ports.ts";
import type { StackOptions } from "./stack-options.ts";
import { brokerName } from "./stack-servers.ts";
import type { ClusterSpec, StateFile } from "./state.ts";

type Ports = StateFile["ports"];
type Wishes = Pick<StackOptions, "ports"> & {
  readonly brokers: number;
  readonly cluster: ClusterSpec | null;
};

/** One port that a stack needs. */
interface Slot {
  /** Name of the server that listens there. */
  readonly owner: string;
  /** What errors call it. */
  readonly title: string;
  readonly flag: string;
  readonly forced: number | null;
  /** The port it had at the last start. */
  readonly before: number | null;
  readonly usual: number | null;
}

/**
 * A port for every server: the one it runs on, the one that was asked for, the one it had before, the usual
 * one, or a free one. `running` holds the names of the servers that run.
 */
export async function chooseStackPorts(
  options: Wishes,
  before: Ports | null,
  running: ReadonlySet<string>,
): Promise<Ports> {
  const taken = new Set<number>();
  const nodes = Array.from({ length: options.brokers }, (_, at) => at + 1);
  const slots = {
    postgres: postgresSlot(options, before),
    clients: nodes.map((node) => clientSlot(node, options, before)),
    controllers: nodes.map((node) => controllerSlot(node, options, before)),
    cluster: clusterSlot(options, before),
  };
  const all = [slots.postgres, ...slots.clients, ...slots.controllers, ...(slots.cluster ?? [])];
  const chosen = new Map<Slot, number>();
  for (const slot of all.filter((each) => running.has(each.owner))) chosen.set(slot, keep(slot, taken));
  for (const slot of all.filter((each) => !running.has(each.owner))) {
    chosen.set(slot, await choose(slot, running, taken));
  }
  const portOf = (slot: Slot): number => chosen.get(slot) ?? 0;
  return {
    postgres: portOf(slots.postgres),
    kafka: slots.clients.map(portOf),
    controllers: slots.controllers.map(portOf),
    cluster: slots.cluster === null ? null : portOf(slots.cluster[0]),
  };
}

function postgresSlot({ ports }: Wishes, before: Ports | null): Slot {
  const [title, flag] = ["PostgreSQL", "--db-port"];
  return {
    owner: "postgres",
    title,
    flag,
    forced: ports.postgres,
    before: before?.postgres ?? null,
    usual: 5432,
  };
}

function clientSlot(node: number, { ports, brokers }: Wishes, before: Ports | null): Slot {
  return {
    owner: brokerName(node, brokers),
    title: "Kafka",
    flag: "--kafka-port",
    forced: ports.kafka === null ? null : ports.kafka + node - 1,
    before: before?.kafka[node - 1] ?? null,
    usual: 9091 + node,
  };
}

function controllerSlot(node: number, { brokers }: Wishes, before: Ports | null): Slot {
  const [title, flag] = ["Kafka's controller", "--kafka-port"];
  const owner = brokerName(node, brokers);
  return { owner, title, flag, forced: null, before: before?.controllers[node - 1] ?? null, usual: null };
}

function clusterSlot(options: Wishes, before: Ports | null): readonly [Slot] | null {
  const earlier = before?.cluster ?? null;
  if (options.cluster === null && earlier === null) return null;
  const [title, flag] = ["the Kubernetes API", "--cluster-port"];
  return [{ owner: "cluster", title, flag, forced: options.ports.cluster, before: earlier, usual: 8001 }];
}

/** A server that runs stays where it is. */
function keep(slot: Slot, taken: Set<number>): number {
  const port = slot.before ?? 0;
  if (slot.forced !== null && slot.forced !== port) {
    throw new ClusterflowError(`${slot.title} runs already, on port ${port}, and not on ${slot.forced}.`, {
      code: "usage",
      hint: `clusterflow local stop, then start again with ${slot.flag} ${slot.forced}`,
    });
  }
  taken.add(port);
  return port;
}

async function choose(slot: Slot, running: ReadonlySet<string>, taken: Set<number>): Promise<number> {
  // A broker that comes back has to be where the brokers that still run look for it.
  const isExpected = slot.owner.startsWith("kafka") && [...running].some((name) => name.startsWith("kafka"));
  const forced = isExpected ? slot.before : slot.forced;
  const hint = isExpected
    ? "Free that port, or let the whole stack choose again: clusterflow local stop, then start."
    : `Leave ${slot.flag} out to get a free port, name another one, or end that program.`;
  return choosePort({ server: slot.title, hint, forced, before: slot.before, usual: slot.usual }, taken);
}
