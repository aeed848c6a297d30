import { ClusterflowError } from "../core/errors.ts";
import type { Tell } from "../core/report.ts";
import { sleep } from "../core/signal.ts";
import { VERSION } from "../core/version.ts";
import { throughOutages } from "../pipeline/outage.ts";
import { unlessSilent } from "../pipeline/silence.ts";
import { type Answer, answerOf, answerOfError, type Failure } from "./answer.ts";
import type { Connection } from "./connection.ts";
import type { Presented } from "./login/credentials.ts";
import { type GetRequest, openAgent, type Reply, type RequestLimits, sendGet } from "./request.ts";
import { tlsFailure } from "./tls-failure.ts";

/**
 * `totalMs`: the server ends a request after 60 s of its own, see its --request-timeout.
 * `bodyBytes`: far above any page of 500 objects, far below what Node can hold as one string.
 */
const LIMITS: RequestLimits = { connectMs: 10_000, totalMs: 75_000, bodyBytes: 256 * 1024 * 1024 };
/** An answer that takes longer makes us look whether the server is there at all; a large list may well take it. */
const QUIET_MS = 5_000;
/** Attempts after which a request that alone fails, on a server that is up, is let go. About 3 s with pauses. */
const MAX_ATTEMPTS = 6;
/** The server itself waits 3 s for its cache to reach a revision before it says that it has not. */
const MAX_ATTEMPTS_TOO_NEW = 3;
/** A longer Retry-After is not believed: the server is asked again sooner. */
const LONGEST_RETRY_AFTER_MS = 120_000;

export interface ClientOptions {
  readonly tell: Tell;
  readonly signal: AbortSignal;
  /** Milliseconds without an answer after which an outage ends in `unreachable`; null waits until the signal. */
  readonly giveUpAfterMs: number | null;
  readonly limits?: RequestLimits;
  /** Milliseconds without an answer after which we look whether the server is there at all, for as long again. */
  readonly quietMs?: number;
}

export interface GetOptions {
  /** Path and query; asked before every attempt, as a failure may have changed it. */
  readonly path: () => string;
  readonly accept?: string;
  /** Told of every failed attempt; true when the next `path` asks for less than this one did. */
  readonly onFailure?: (failure: Failure) => boolean;
}

/** Reads from one API server, one request at a time. It only ever sends GET. */
export class KubernetesClient implements Disposable {
  readonly #connection: Connection;
  readonly #options: ClientOptions;
  readonly #limits: RequestLimits;
  readonly #quietMs: number;
  readonly #agent: ReturnType<typeof openAgent>;
  #userAgent = `clusterflow/${VERSION} (collect)`;

  constructor(connection: Connection, options: ClientOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#limits = options.limits ?? LIMITS;
    this.#quietMs = options.quietMs ?? QUIET_MS;
    this.#agent = openAgent(connection.server);
  }

  /** Writes the snapshot into every request from now on, for audit logs and flow schemas. */
  nameSnapshot(snapshot: string): void {
    this.#userAgent = `clusterflow/${VERSION} (collect; snapshot=${snapshot})`;
  }

  /**
   * Sends a GET until it is answered. Resolves with a failure only when the server is up and this one request
   * keeps failing. Throws `unreachable` for an outage that lasted too long, refused credentials or a broken TLS
   * handshake, `usage` for credentials that cannot be read, and the signal's reason.
   */
  async get(options: GetOptions): Promise<Answer> {
    const { signal, giveUpAfterMs } = this.#options;
    let attempt = 0;
    let pauseMs = 0;
    const tryOnce = async (): Promise<Answer> => {
      await sleep(pauseMs, signal);
      signal.throwIfAborted();
      attempt += 1;
      const answer = await this.#attempt(options.path(), options.accept ?? "application/json");
      if (answer.kind !== "failure") return answer;
      const isSmaller = options.onFailure?.(answer) ?? false;
      if (await this.#isHopeless(answer, attempt, isSmaller ? "smaller" : "same")) return answer;
      pauseMs = Math.min(
        answer.retryAfterMs,
        giveUpAfterMs ?? LONGEST_RETRY_AFTER_MS,
        LONGEST_RETRY_AFTER_MS,
      );
      throw this.#outage(answer);
    };
    return throughOutages(tryOnce, { ...this.#options, name: this.#name });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  get #name(): string {
    return `Kubernetes API server ${this.#connection.server.host}`;
  }

  /** Whether only this request fails, so that waiting for the server would never end. */
  async #isHopeless(failure: Failure, attempt: number, next: "smaller" | "same"): Promise<boolean> {
    if (failure.why === "throttled") return false;
    if (failure.why === "too-large") return next === "same";
    if (failure.why === "too-new") return attempt >= MAX_ATTEMPTS_TOO_NEW;
    return attempt >= MAX_ATTEMPTS && (await this.#isReady());
  }

  async #attempt(path: string, accept: string): Promise<Answer> {
    try {
      const reply = await this.#authenticated(path, accept);
      if (reply.status === 401 || reply.status === 403) await this.#throwIfStarting(reply);
      if (reply.status === 401) throw this.#unauthorized();
      return answerOf(reply);
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (error instanceof ClusterflowError) throw error;
      const untrusted = tlsFailure(error, this.#connection);
      if (untrusted !== null) throw untrusted;
      return answerOfError(error);
    }
  }

  /** A 401 is asked once more, with credentials fetched anew, where they can be. */
  async #authenticated(path: string, accept: string): Promise<Reply> {
    const reply = await this.#send(path, accept);
    return reply.status === 401 && this.#connection.credentials.renew() ? this.#send(path, accept) : reply;
  }

  /**
   * A server that has just begun refuses who it will know in a moment: its caches of service accounts and roles
   * are still empty. Then a refusal is an outage, and no kind is recorded as forbidden for it.
   */
  async #throwIfStarting(reply: Reply): Promise<void> {
    if (await this.#isReady()) return;
    const reason = `${reply.status} while it is not ready`;
    throw this.#outage({ kind: "failure", why: "server", httpStatus: reply.status, reason, retryAfterMs: 0 });
  }

  async #send(path: string, accept: string): Promise<Reply> {
    const presented = await this.#connection.credentials.present(this.#options.signal);
    return unlessSilent((signal) => sendGet(this.#request(path, accept, presented), signal), {
      quietMs: this.#quietMs,
      deadlineMs: null,
      isAnswering: () => this.#isAnswering(presented),
      signal: this.#options.signal,
    });
  }

  #request(path: string, accept: string, presented: Presented): GetRequest {
    const headers = { Accept: accept, "User-Agent": this.#userAgent };
    const [connection, agent, limits] = [this.#connection, this.#agent, this.#limits];
    return { connection, agent, path, headers, presented, limits };
  }

  /** Whether anything at all comes back, if only a refusal. */
  async #isAnswering(presented: Presented): Promise<boolean> {
    const limits = { ...this.#limits, connectMs: this.#quietMs, totalMs: this.#quietMs };
    const request = { ...this.#request("/readyz", "*/*", presented), limits };
    return sendGet(request, this.#options.signal).then(
      () => true,
      () => false,
    );
  }

  /**
   * Whether the server as a whole works: its own readiness check covers etcd. Asked without a token, because the
   * check is open to all and a server that is starting knows no token. A 401, 403 or 404 comes from a live server.
   */
  async #isReady(): Promise<boolean> {
    try {
      const presented = await this.#connection.credentials.present(this.#options.signal);
      const anonymous = { ...presented, authorization: null };
      const { status } = await sendGet(this.#request("/readyz", "*/*", anonymous), this.#options.signal);
      return status < 500 && status !== 429;
    } catch {
      this.#options.signal.throwIfAborted();
      return false;
    }
  }

  #outage(failure: Failure): ClusterflowError {
    return new ClusterflowError(`${this.#name} does not answer: ${failure.reason}`, {
      code: "unreachable",
      hint: `curl -k ${this.#connection.server.origin}/readyz`,
      retryable: true,
      ...(failure.httpStatus !== null && { vendorCode: String(failure.httpStatus) }),
    });
  }

  #unauthorized(): ClusterflowError {
    const { description } = this.#connection.credentials;
    return new ClusterflowError(`${this.#name} does not accept ${description} (401 Unauthorized)`, {
      code: "unreachable",
      hint: "log in again, then compare: kubectl auth whoami",
      vendorCode: "401",
    });
  }
}
