import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { endMember, groupName, startMember } from "../contestants/ours.ts";
import type { Store } from "../measure/store.ts";
import type { Victim } from "./kill-and-restart.ts";

/** clusterflow's consumer of the stream without a key. */
export function killedMember(store: Store, topic: string): Promise<Victim> {
  return Promise.resolve(new Member(store, topic));
}

class Member implements Victim {
  readonly name = "clusterflow";
  readonly quietMs = 5_000;
  readonly #begin: () => ChildProcess;
  #process: ChildProcess | null = null;

  constructor(store: Store, topic: string) {
    const group = groupName();
    this.#begin = () => startMember(store, group, { stream: "append", topic });
  }

  get pid(): number {
    return this.#process!.pid!;
  }

  start(): Promise<void> {
    this.restart();
    return Promise.resolve();
  }

  async kill(): Promise<void> {
    const closed = once(this.#process!, "close");
    this.#process!.kill("SIGKILL");
    await closed;
  }

  restart(): void {
    this.#process = this.#begin();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process !== null) await endMember(this.#process);
  }
}
