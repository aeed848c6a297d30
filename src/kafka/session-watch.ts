import { unlessAborted } from "../core/bounded.ts";
import { ClusterflowError } from "../core/errors.ts";
import { unobserved, type Observe } from "../pipeline/observe.ts";
import type { KafkaClient } from "./client.ts";
import type { Contact } from "./contact.ts";
import { FetchWatch, QUIET_MS } from "./fetch-watch.ts";
import { isAnythingFrom } from "./reader.ts";
import type { KafkaSourceOptions } from "./source-options.ts";
import { Standstill, type Place } from "./standstill.ts";
import { fetchWatermarks, type Watermarks } from "./watermarks.ts";

/** No answer to a fetch for so long, and kafkajs is taken to have stopped without a word. */
const STALL_MS = 30_000;
/**
 * A partition that is behind, with everything answering and nothing of it in anybody's hands, for so long: longer than
 * any rebalance, claim or fence takes, and short beside what somebody would need to notice that rows do not come.
 */
const STANDSTILL_MS = 300_000;
/** Between two looks at how far the partitions reach, when nobody measures. */
const LOOK_MS = 60_000;

/** Kafka answers, but … */
export interface Stall {
  readonly says: string;
  /** Whether this consumer never did what it stopped to do: another one did not help then. */
  readonly isFromTheStart: boolean;
}

interface WatchOptions {
  readonly options: KafkaSourceOptions;
  readonly contact: Contact;
  readonly client: KafkaClient;
  /** What this member has. */
  readonly own: { readonly isFetching: boolean; readonly places: readonly Place[] };
  /** A member waits in silence while its group comes together. */
  readonly isRebalancing: () => boolean;
  /** Ends the looking. */
  readonly signal: AbortSignal;
  readonly onStalled: (error: ClusterflowError) => void;
}

/** Whether a consumer consumes: that its fetches are answered, and that what Kafka has more of is read. */
export class SessionWatch {
  readonly #options: WatchOptions;
  readonly #observe: Observe;
  readonly #fetches: FetchWatch;
  readonly #standstill = new Standstill();
  readonly #bornAt = performance.now();
  #hasAnswer = false;
  #stall: Stall | null = null;

  constructor(options: WatchOptions) {
    const { observe = unobserved, lookEveryMs = LOOK_MS } = options.options;
    this.#options = options;
    this.#observe = observe;
    this.#fetches = new FetchWatch(() => this.#look(), lookEveryMs);
  }

  /** Why the consumer was given up; null while it was not. */
  get stall(): Stall | null {
    return this.#stall;
  }

  get hasFetched(): boolean {
    return this.#fetches.hasFetched;
  }

  /** A request was answered. */
  answered(apiName: string): void {
    this.#hasAnswer = true;
    if (apiName === "Fetch") this.#fetches.answered();
  }

  /** No fetch was due until now. */
  excused(): void {
    this.#fetches.excused();
  }

  /** A request that is not answered is no sign of an outage while another is, or was when the consumer was given up. */
  suspect(reason: string): void {
    if (this.#stall === null && !this.#fetches.isKafkaThere) this.#options.contact.suspect(reason);
  }

  /** To be called each second. */
  tick(): void {
    const { topic, stallMs = STALL_MS } = this.#options.options;
    if (!this.#options.own.isFetching) this.#fetches.excused();
    if (this.#hasAnswer) this.#fetches.tick();
    const { silentMs, hasFetched, isKafkaThere } = this.#fetches;
    this.#observe({ kind: "fetching", silentMs, hasFetched });
    if (this.#isQuiet) this.suspect(`no answer for ${QUIET_MS / 1000} s`);
    if (silentMs <= stallMs) return;
    if (isKafkaThere)
      this.#stall = { says: `not to a fetch of topic "${topic}"`, isFromTheStart: !hasFetched };
    this.#end(`no answer to a fetch for ${stallMs / 1000} s`);
  }

  /** Silence that cannot mean anything good; the time-out of a request would tell 10 s later. */
  get #isQuiet(): boolean {
    if (!this.#hasAnswer) return performance.now() - this.#bornAt > QUIET_MS;
    return !this.#options.isRebalancing() && this.#fetches.isAlone;
  }

  async #look(): Promise<void> {
    const { client, options, signal } = this.#options;
    const marks = await unlessAborted(fetchWatermarks(client, options.topic), signal);
    const ends = new Map([...marks].map(([partition, { high }]) => [partition, high]));
    this.#observe({ kind: "ends", ends });
    await this.#lookForStandstill(marks);
  }

  /** Fetches are answered and still a partition is not read: kafkajs forgot it, or a pause of ours never ended. */
  async #lookForStandstill(marks: ReadonlyMap<number, Watermarks>): Promise<void> {
    const { client, own, signal, options } = this.#options;
    const { topic, standstillMs = STANDSTILL_MS } = options;
    const still = this.#standstill.look(own.places, marks);
    if (still === null || still.ms < standstillMs) return;
    const { partition, position, behind, ms, isFromTheStart } = still;
    const isMore = await unlessAborted(isAnythingFrom(client, { topic, partition }, position), signal);
    if (!isMore) {
      this.#standstill.excuse(still);
      return;
    }
    const says =
      `partition ${partition} of topic "${topic}" is ${behind} offsets behind ` +
      `and was not read for ${Math.round(ms / 1000)} s`;
    this.#stall = { says, isFromTheStart };
    this.#end(says);
  }

  #end(sentence: string): void {
    this.#options.onStalled(new ClusterflowError(sentence, { code: "unreachable", retryable: true }));
  }
}
