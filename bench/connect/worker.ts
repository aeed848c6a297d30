import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { inject } from "vitest";
import { sleep } from "../../src/core/signal.ts";
import { freePort } from "../../test/kafka/own-broker.ts";
import { connectPrograms, type ConnectPrograms } from "./programs.ts";

const START_MS = 90_000;
/** As Kafka's own bin/connect-distributed.sh and kafka-run-class.sh start it. */
const JVM = [
  ["-Xms256M", "-Xmx2G", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"],
  ["-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent", "-Djava.awt.headless=true"],
].flat();

/** A distributed worker of Kafka Connect. What it knows lies in Kafka: after a kill it goes on under the same name. */
export class ConnectWorker implements AsyncDisposable {
  readonly #programs: ConnectPrograms;
  readonly #name: string;
  readonly #port: number;
  readonly #settings: Readonly<Record<string, string>>;
  #process: ChildProcess | null = null;

  private constructor(programs: ConnectPrograms, port: number, settings: Readonly<Record<string, string>>) {
    this.#programs = programs;
    this.#name = `connect-${randomBytes(4).toString("hex")}`;
    this.#port = port;
    this.#settings = settings;
  }

  /** `settings` go over the worker's defaults. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<ConnectWorker> {
    const worker = new ConnectWorker(await connectPrograms(), await freePort(), settings);
    worker.launch();
    await worker.waitUntilReady();
    return worker;
  }

  get pid(): number {
    return this.#process!.pid!;
  }

  launch(): void {
    const { java, jars } = this.#programs;
    const file = join(inject("dataDir"), `${this.#name}.properties`);
    writeFileSync(file, this.#properties());
    const log = openSync(join(inject("dataDir"), `${this.#name}.log`), "a");
    const logging = `-Dlog4j2.configurationFile=${resolve(import.meta.dirname, "../../env/kafka/log4j2.yaml")}`;
    const main = ["-cp", join(jars, "*"), "org.apache.kafka.connect.cli.ConnectDistributed", file];
    this.#process = spawn(java, [...JVM, logging, ...main], { stdio: ["ignore", log, log] });
    closeSync(log);
  }

  async waitUntilReady(): Promise<void> {
    const signal = AbortSignal.timeout(START_MS);
    while (!(await this.#answers("/health"))) {
      if (signal.aborted || this.#hasEnded)
        throw new Error(`Kafka Connect does not come up, see ${this.#name}`);
      await sleep(100, signal);
    }
  }

  /** Makes a connector; its tasks start when the worker gets to it. */
  async connect(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const body = JSON.stringify({ name, config });
    const answer = await this.#ask("/connectors", { method: "POST", body });
    if (!answer.ok) throw new Error(`Kafka Connect refuses the connector: ${await answer.text()}`);
  }

  async disconnect(name: string): Promise<void> {
    await this.#ask(`/connectors/${name}`, { method: "DELETE" });
  }

  /** SIGKILL, and no more. */
  async kill(): Promise<void> {
    if (this.#hasEnded) return;
    const closed = once(this.#process!, "close");
    this.#process!.kill("SIGKILL");
    await closed;
  }

  /** Nothing of it is wanted any more. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  get #hasEnded(): boolean {
    return this.#process!.exitCode !== null || this.#process!.signalCode !== null;
  }

  async #answers(path: string): Promise<boolean> {
    return this.#ask(path).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  #ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { "content-type": "application/json" };
    return fetch(`http://127.0.0.1:${this.#port}${path}`, { ...init, headers });
  }

  #properties(): string {
    const settings = {
      "bootstrap.servers": inject("brokers").join(","),
      "group.id": this.#name,
      listeners: `http://127.0.0.1:${this.#port}`,
      "plugin.path": this.#programs.plugins,
      "plugin.discovery": "service_load", // saves 10 s and 0.8 GB at the start
      "key.converter": "org.apache.kafka.connect.storage.StringConverter",
      "value.converter": "org.apache.kafka.connect.json.JsonConverter",
      "config.storage.topic": `${this.#name}-configs`,
      "offset.storage.topic": `${this.#name}-offsets`,
      "status.storage.topic": `${this.#name}-status`,
      "config.storage.replication.factor": "1",
      "offset.storage.replication.factor": "1",
      "status.storage.replication.factor": "1",
      "offset.storage.partitions": "4",
      "status.storage.partitions": "2",
      "connector.client.config.override.policy": "All",
      ...this.#settings,
    };
    return Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join("");
  }
}
