import { ClusterflowError } from "../core/errors.ts";
import { sleep } from "../core/signal.ts";
import { backoffMs } from "../pipeline/backoff.ts";
import { unobserved, type Observe } from "../pipeline/observe.ts";
import { throughOutages } from "../pipeline/outage.ts";
import { openKafka } from "./client.ts";
import { SESSIONS_MS } from "./consumer.ts";
import { ConsumerSession, type SessionShared } from "./consumer-session.ts";
import { Contact } from "./contact.ts";
import { Ends } from "./ends.ts";
import { outageHint, toKafkaError } from "./errors.ts";
import { Progress, type ConsumeSummary } from "./progress.ts";
import type { Stall } from "./session-watch.ts";
import type { KafkaSourceOptions } from "./source-options.ts";
import { fetchWatermarks } from "./watermarks.ts";

export type { ConsumeSummary } from "./progress.ts";

export interface KafkaSource extends AsyncDisposable {
  /**
   * Consumes until the signal fires, or the ends are reached; once. Rejects with the signal's reason when that fired
   * before the ends were reached that it was to come to, or before the group was joined at all; with `wrong` when offsets are lost, with
   * `unreachable` when Kafka was away too long, and with whatever `deliver` or `ledger` reject with.
   */
  run(signal: AbortSignal): Promise<ConsumeSummary>;
}

/** Crashes in a row, without a record stored between them, that are not outages: more would be no accident. */
const MAX_CRASHES = 5;
/** Consumers in a row that did not consume although Kafka answers: another one would not either. */
const MAX_STALLS = 4;
/** How long a topic that was just created may be unknown to some brokers. */
const SPREAD_MS = 2_000;

/**
 * A topic as a source, through a consumer group. What is delivered, and where the group stands, is the ledger's to
 * know: each batch is delivered with the range of offsets that it settles, in order within its partition, and a
 * partition is claimed anew whenever the group's membership changes. Nothing is connected before `run`.
 */
export function openKafkaSource(options: KafkaSourceOptions): Promise<KafkaSource> {
  return Promise.resolve(new Supervisor(options));
}

class Supervisor implements KafkaSource {
  readonly #options: KafkaSourceOptions;
  readonly #progress = new Progress();
  readonly #contact: Contact;
  readonly #observe: Observe;
  readonly #name: string;
  readonly #disposed = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  readonly #bornAt = performance.now();
  #hasJoined = false;
  #crashes = 0;
  #stalls = 0;
  /** How many of the sessions, from the shortest on, the broker does not allow. */
  #refusedSessions = 0;

  constructor(options: KafkaSourceOptions) {
    this.#options = options;
    this.#name = `Kafka at ${options.settings.brokers.join(", ")}`;
    this.#contact = new Contact(
      this.#name,
      options.tell,
      outageHint(options.settings.brokers),
      options.observe,
    );
    this.#observe = options.observe ?? unobserved;
  }

  async run(signal: AbortSignal): Promise<ConsumeSummary> {
    const running = this.#run(AbortSignal.any([signal, this.#disposed.signal]));
    this.#running = running.catch(() => undefined);
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<ConsumeSummary> {
    try {
      const ends = await this.#ends(signal);
      await this.#consume(ends, signal);
      if (ends?.isReached === false || (signal.aborted && !this.#hasJoined)) throw signal.reason;
    } catch (error) {
      const isOpenEnded = !this.#options.untilEnd && this.#hasJoined;
      if (!isOpenEnded || !signal.aborted || error !== signal.reason) throw error;
    }
    return this.#progress.summary();
  }

  /** One session after the other, until one ends well. */
  async #consume(ends: Ends | null, signal: AbortSignal): Promise<void> {
    let formerMember: string | null = null;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const session: ConsumerSession = new ConsumerSession(this.#shared(ends), formerMember);
      const readBefore = this.#progress.summary().read;
      try {
        await session.run(signal);
        this.#hasJoined ||= session.hasJoined;
        return;
      } catch (thrown) {
        this.#hasJoined ||= session.hasJoined;
        if (session.hasJoined) attempt = 1;
        formerMember = session.memberId;
        if (this.#progress.summary().read > readBefore) this.#crashes = 0;
        if (session.stall !== null) this.#noteStall(session.stall);
        else this.#judge(thrown, session.hasFetched);
        await sleep(backoffMs(attempt), signal);
      }
    }
  }

  #shared(ends: Ends | null): SessionShared {
    const sessionMs = SESSIONS_MS[this.#refusedSessions] ?? 0;
    return { options: this.#options, progress: this.#progress, contact: this.#contact, sessionMs, ends };
  }

  /** Throws the error unless a new session may fare better. */
  #judge(thrown: unknown, hasFetched: boolean): void {
    const { settings, topic, giveUpAfterMs } = this.#options;
    if (hasFetched) this.#stalls = 0;
    const error = toKafkaError(thrown, settings, topic);
    if (error.vendorCode === "INVALID_SESSION_TIMEOUT" && this.#mayTryLonger()) return;
    const isCrash = !(thrown instanceof ClusterflowError);
    if (!error.retryable && !(isCrash && this.#isWorthAnother(error))) throw error;
    this.#observe({ kind: "rebuilt", why: error.retryable ? "lost" : "crashed" });
    this.#contact.lost(error.message);
    if (giveUpAfterMs !== null && this.#contact.awayMs >= giveUpAfterMs) throw this.#contact.givenUp();
  }

  #mayTryLonger(): boolean {
    const refusedMs = SESSIONS_MS[this.#refusedSessions] ?? 0;
    this.#refusedSessions += 1;
    const nextMs = SESSIONS_MS[this.#refusedSessions];
    if (nextMs === undefined) return false;
    const text =
      `${this.#name} allows no sessions of ${refusedMs / 1000} s (group.min.session.timeout.ms); with ` +
      `${nextMs / 1000} s, the partitions of a consumer that was killed move that much later`;
    this.#options.tell({ kind: "notice", text });
    return true;
  }

  /** Kafka is there, so this is nothing to wait for: a new consumer helps, or a person has to. */
  #noteStall({ says, isFromTheStart }: Stall): void {
    const { tell } = this.#options;
    this.#stalls = isFromTheStart ? this.#stalls + 1 : 1;
    this.#observe({ kind: "stalled" });
    const sentence = `${this.#name} answers, but ${says}`;
    if (this.#stalls >= MAX_STALLS) {
      throw new ClusterflowError(
        `${sentence}; building the consumer anew did not help (${MAX_STALLS} consumers)`,
        {
          code: "unreachable",
          hint: "look at the brokers' logs, and at what stands between here and them; then clusterflow consume",
        },
      );
    }
    this.#observe({ kind: "rebuilt", why: "stalled" });
    tell({ kind: "warning", text: `${sentence}; the consumer is built anew` });
  }

  #isWorthAnother(error: ClusterflowError): boolean {
    // just created, and not known everywhere; or deleted under a running consumer: whether it comes back, and from
    // where, shows when it is there again
    if (error.vendorCode === "UNKNOWN_TOPIC_OR_PARTITION")
      return this.#hasJoined || performance.now() - this.#bornAt < SPREAD_MS;
    this.#crashes += 1;
    // to a member: a login made anew too soon, with a token that was about to run out
    const isPassing =
      error.vendorCode === "ILLEGAL_SASL_STATE" ? this.#hasJoined : error.code === "unexpected";
    return isPassing && this.#crashes < MAX_CRASHES;
  }

  async #ends(signal: AbortSignal): Promise<Ends | null> {
    const { untilEnd, settings, topic, tell, giveUpAfterMs } = this.#options;
    if (!untilEnd) return null;
    using client = openKafka(settings);
    const marks = await throughOutages(() => fetchWatermarks(client, topic), {
      name: this.#name,
      tell,
      signal,
      giveUpAfterMs,
      observe: this.#observe,
    });
    const filled = [...marks].filter(([, { low, high }]) => low < high);
    return new Ends(new Map(filled.map(([partition, { high }]) => [partition, high])), this.#options);
  }
}
