import type { Batch, Consumer } from "kafkajs";
import { ClusterflowError } from "../core/errors.ts";
import { unobserved, type Observe } from "../pipeline/observe.ts";
import { throughOutages } from "../pipeline/outage.ts";
import { reached } from "../pipeline/points.ts";
import { Assignment, type FetchedBatch } from "./assignment.ts";
import { settlesWithin, unlessAborted } from "../core/bounded.ts";
import { Deadline } from "../core/deadline.ts";
import { openKafka, type KafkaClient } from "./client.ts";
import { fetchControl, openConsumer } from "./consumer.ts";
import type { Contact } from "./contact.ts";
import { CourtesyCommits } from "./courtesy-commits.ts";
import type { Ends } from "./ends.ts";
import { dismissFormerMember } from "./former-member.ts";
import { Outcome } from "./outcome.ts";
import type { Progress } from "./progress.ts";
import { toRawRecord } from "./records/record.ts";
import type { KafkaSourceOptions } from "./source-options.ts";
import { SessionWatch, type Stall } from "./session-watch.ts";
import { fetchStandings, type Standing } from "./watermarks.ts";

const TICK_MS = 1_000;
/**
 * For everything from the signal on; a process that ends has 10 s, and PostgreSQL's connections are closed after this.
 * What is being stored has most of it: who leaves the group late, or not at all, costs the others a few seconds.
 */
const ENDING_MS = 7_500;
const GOODBYE_MS = 2_000;
/** After a crash the next session waits for this one's end. */
const HASTY_ENDING_MS = 4_000;
/** To a broker that does not answer anyway. */
const HASTY_GOODBYE_MS = 500;

export interface SessionShared {
  readonly options: KafkaSourceOptions;
  readonly progress: Progress;
  readonly contact: Contact;
  /** How long the group keeps the place of a member that it does not hear of. */
  readonly sessionMs: number;
  /** Where to stop; null goes on until the signal. */
  readonly ends: Ends | null;
}

/**
 * One kafkajs consumer from its birth to its end. kafkajs restarts nothing here: any crash ends the session in its
 * error, and a new session begins with a new client that has no memory of dead brokers.
 */
export class ConsumerSession {
  readonly #shared: SessionShared;
  readonly #client: KafkaClient;
  readonly #consumer: Consumer;
  readonly #commits: CourtesyCommits;
  readonly #assignment: Assignment;
  readonly #outcome = new Outcome();
  /** Ends the waiting for watermarks when the session ends. */
  readonly #ended = new AbortController();
  readonly #observe: Observe;
  readonly #watch: SessionWatch;
  #memberId: string | null;
  #hasJoined = false;
  /** A member waits in silence while its group comes together. */
  #isRebalancing = true;

  /** `formerMember` is the id of a session before this one that may not have left the group. */
  constructor(shared: SessionShared, formerMember: string | null) {
    const { options, progress } = shared;
    this.#shared = shared;
    this.#memberId = formerMember;
    this.#observe = options.observe ?? unobserved;
    this.#client = openKafka(options.settings, {
      onTrouble: (reason) => this.#watch.suspect(reason),
      onReset: (partition) => this.#assignment.check(partition),
    });
    this.#consumer = openConsumer(this.#client, options.group, shared.sessionMs);
    this.#commits = new CourtesyCommits(this.#consumer, options.topic);
    this.#assignment = new Assignment(
      {
        ...options,
        progress,
        watermarks: () => this.#standings(),
        onPosition: (partition, next) => this.#commits.note(partition, next),
        onMoved: () => this.#onMoved(),
        onFailed: (error) => this.#outcome.fail(error),
      },
      fetchControl(this.#consumer, options.topic),
    );
    this.#watch = new SessionWatch({
      options,
      contact: shared.contact,
      client: this.#client,
      own: this.#assignment,
      isRebalancing: () => this.#isRebalancing,
      signal: this.#ended.signal,
      onStalled: (error) => this.#outcome.fail(error),
    });
  }

  /** Whether this session ever was a member of the group. */
  get hasJoined(): boolean {
    return this.#hasJoined;
  }

  /** The id that the group may still know this member, or the one before it, by. */
  get memberId(): string | null {
    return this.#memberId;
  }

  get hasFetched(): boolean {
    return this.#watch.hasFetched;
  }

  /** Why it ended, when that was because it did not consume although Kafka answers. */
  get stall(): Stall | null {
    return this.#watch.stall;
  }

  /**
   * Resolves when the ends are reached or the signal fired, everything delivered drained. Rejects with kafkajs's own
   * error after a crash of kafkajs, with a ClusterflowError for everything else.
   */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#outcome.succeed();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    const tick = setInterval(() => this.#tick(), TICK_MS);
    const starting = this.#start();
    starting.catch((error: unknown) => this.#outcome.fail(error));
    try {
      await this.#outcome.settled;
    } finally {
      if (signal.aborted) this.#shared.options.tell({ kind: "draining" });
      await this.#end(starting, new Deadline(signal.aborted ? ENDING_MS : HASTY_ENDING_MS));
      clearInterval(tick);
      signal.removeEventListener("abort", stop);
      this.#observe({ kind: "left" });
      reached("left");
    }
  }

  async #start(): Promise<void> {
    const { topic, group } = this.#shared.options;
    this.#listen();
    await this.#consumer.connect();
    if (this.#memberId !== null) await dismissFormerMember(this.#client, group, this.#memberId);
    await this.#consumer.subscribe({ topics: [topic], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: true,
      eachBatch: ({ batch }) => {
        this.#accept(batch);
        return Promise.resolve();
      },
    });
  }

  #listen(): void {
    const { topic } = this.#shared.options;
    const { events } = this.#consumer;
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#hasJoined = true;
      this.#isRebalancing = false;
      this.#watch.excused();
      this.#memberId = payload.memberId;
      this.#shared.contact.found();
      if (!this.#outcome.isSettled) this.#assignment.take(payload.memberAssignment[topic] ?? []);
    });
    this.#consumer.on(events.REBALANCING, () => {
      this.#isRebalancing = true;
    });
    this.#consumer.on(events.HEARTBEAT, () => {
      this.#shared.contact.found();
      this.#assignment.confirm();
    });
    this.#consumer.on(events.REQUEST, ({ payload }) => {
      this.#watch.answered(payload.apiName);
    });
    this.#consumer.on(events.REQUEST_TIMEOUT, ({ payload }) => {
      this.#watch.suspect(`${payload.broker} does not answer (${payload.apiName})`);
    });
    this.#consumer.on(events.CRASH, ({ payload }) => this.#outcome.fail(payload.error));
  }

  /** Only puts the batch into its queue; an error in here would end kafkajs's consumer in a way that nobody hears of. */
  #accept(batch: Batch): void {
    if (this.#outcome.isSettled) return;
    try {
      this.#assignment.accept(toFetchedBatch(batch));
    } catch (error) {
      this.#outcome.fail(error);
    }
  }

  #onMoved(): void {
    const { ends } = this.#shared;
    if (ends === null || this.#isRebalancing) return;
    ends.areReached(this.#assignment).then(
      (reached) => {
        if (reached) this.#outcome.succeed();
      },
      (error: unknown) => this.#outcome.fail(error),
    );
  }

  #tick(): void {
    const { contact, options } = this.#shared;
    void this.#commits.commit();
    this.#onMoved();
    contact.tellWhenDue();
    // when it ends no fetch is due any more, which must not look like an answered one
    if (!this.#outcome.isSettled) this.#watch.tick();
    const isTooLong = options.giveUpAfterMs !== null && contact.awayMs >= options.giveUpAfterMs;
    if (isTooLong) this.#outcome.fail(contact.givenUp());
  }

  async #standings(): Promise<ReadonlyMap<number, Standing>> {
    const { options, contact } = this.#shared;
    const { signal } = this.#ended;
    return throughOutages(() => unlessAborted(fetchStandings(this.#client, options.topic), signal), {
      name: "",
      tell: (report) => {
        if (report.kind === "waiting") contact.lost(report.reason);
      },
      observe: ({ kind }) => {
        if (kind === "retry") this.#observe({ kind, code: "kafka" });
      },
      signal,
      giveUpAfterMs: null,
    });
  }

  /** Everything bounded: neither a database nor a broker that is away may keep the process from ending. */
  async #end(starting: Promise<void>, deadline: Deadline): Promise<void> {
    await this.#assignment.drain(deadline.leftMs - GOODBYE_MS);
    this.#ended.abort();
    const isAway = this.#shared.contact.awayMs > 0;
    await settlesWithin(this.#goodbye(), isAway ? HASTY_GOODBYE_MS : deadline.leftMs);
    this.#client[Symbol.dispose]();
    await settlesWithin(starting, HASTY_GOODBYE_MS);
  }

  async #goodbye(): Promise<void> {
    if (!this.#isRebalancing) await this.#commits.flush();
    const leaving = this.#consumer.disconnect();
    // kafkajs leaves when the group has come together, which may be waiting for somebody who is gone
    if (!this.#isRebalancing || this.#memberId === null) return leaving;
    leaving.catch(() => undefined);
    await dismissFormerMember(this.#client, this.#shared.options.group, this.#memberId);
  }
}

function toFetchedBatch(batch: Batch): FetchedBatch {
  if (!("fetchedOffset" in batch) || typeof batch.fetchedOffset !== "string") {
    throw new ClusterflowError("this kafkajs does not say which offset it asked for", { code: "unexpected" });
  }
  const { topic, partition, messages } = batch;
  return {
    partition,
    from: BigInt(batch.fetchedOffset),
    end: BigInt(batch.lastOffset()) + 1n,
    read: () => messages.map((message) => toRawRecord(topic, partition, message)),
  };
}
