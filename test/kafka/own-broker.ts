import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { defaultFolders } from "../../src/local/folders.ts";
import { findJava } from "../../src/local/java.ts";
import { provideKafkaJars } from "../../src/local/kafka-jars.ts";
import { drawClusterId, kafkaArguments, prepareKafka, type KafkaPlan } from "../../src/local/kafka-server.ts";

/** A broker of a test's own, that it may stop, freeze and start again on the same port with the same data. */
export interface OwnBroker extends AsyncDisposable {
  readonly address: string;
  start(): Promise<void>;
  /** SIGTERM is a clean shutdown, SIGKILL a crash; resolves when the process is gone. */
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers; SIGCONT ends that. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
}

/** `overrides` as Kafka's own start takes them: `name=value`. */
export async function openOwnBroker(...overrides: readonly string[]): Promise<OwnBroker> {
  const dataDir = await mkdtemp(join(tmpdir(), "clusterflow-own-broker-"));
  const plan = await planBroker(dataDir);
  await prepareKafka(plan, AbortSignal.timeout(60_000));
  const port = plan.broker.ports[0]!;
  let child: ChildProcess | null = null;

  const stop = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    if (child === null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
    child = null;
  };
  const start = async (): Promise<void> => {
    const log = await open(join(dataDir, "broker.log"), "a");
    const words = [...kafkaArguments(plan), ...overrides.flatMap((each) => ["--override", each])];
    child = spawn(plan.java, words, { cwd: dataDir, stdio: ["ignore", log.fd, log.fd] });
    await log.close();
    while (!(await accepts(port))) await delay(100);
  };
  const broker = {
    address: `127.0.0.1:${port}`,
    start,
    stop,
    signal: (signal: "SIGSTOP" | "SIGCONT") => void child?.kill(signal),
    [Symbol.asyncDispose]: async () => {
      await stop("SIGKILL");
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  await start();
  return broker;
}

/** A broker in a folder of its own, on ports that are free. */
export async function planBroker(dataDir: string): Promise<KafkaPlan> {
  const environment = process.env;
  const signal = AbortSignal.timeout(300_000);
  const { cacheDir } = defaultFolders(environment, process.getuid?.() ?? -1);
  const jars = await provideKafkaJars({ cacheDir, environment, signal }, () => undefined);
  const { file: java } = await findJava(environment, signal);
  await mkdir(join(dataDir, "logs"), { recursive: true });
  const broker = { node: 1, ports: [await freePort()], controllers: [await freePort()], durable: false };
  return { dataDir, java, jars: jars.folder, clusterId: drawClusterId(), broker, environment };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
