import { performance } from "node:perf_hooks";
import { assertNever } from "../core/never.ts";
import type { JsonObject } from "../core/json.ts";
import type { KindOutcome } from "../streams/cluster-info/compose.ts";
import { uidOf } from "../streams/cluster-info/identity.ts";
import type { KindRef } from "../streams/cluster-info/kinds.ts";
import type { Consistency } from "../streams/cluster-info/messages.ts";
import type { Failure, Refused } from "./answer.ts";
import type { KubernetesClient } from "./client.ts";
import { acceptOf, decodePage, type Page, queryOf } from "./decode.ts";

/** Objects below which a page is not made smaller. */
const SMALLEST_PAGE = 50;

export interface ListOptions {
  readonly client: KubernetesClient;
  readonly kind: KindRef;
  /** The revision of the snapshot; null while no kind has been read, and this one is to find it. */
  readonly revision: string | null;
  /** Objects asked for in one page. */
  readonly pageSize: number;
  /** Takes the cleaned documents of each page; the next page is asked for when it resolves. */
  readonly emit: (documents: readonly JsonObject[]) => Promise<void>;
}

/**
 * Lists one kind page by page, at the snapshot's revision where the server allows. What becomes of the kind
 * alone is in the outcome; throws only when the server as a whole is lost, see `KubernetesClient.get`.
 *
 * A list whose revision the server forgot on the way (410) goes on at once with the token that the server gives
 * for it and is `inconsistent`: the pages before have left this process already, and starting over would send
 * their objects twice. Without such a token the kind is `partial`. For the same reason an object whose uid has
 * been seen in this kind is passed over.
 */
export async function listKind(options: ListOptions): Promise<KindOutcome> {
  return new KindList(options).read();
}

/** What happened on the way to one kind's last page. */
class KindList {
  readonly #options: ListOptions;
  readonly #startedAt = performance.now();
  readonly #seen = new Set<string>();
  #isExact: boolean;
  #limit: number;
  #continue: string | null = null;
  #pages = 0;
  #revision: string | null = null;
  #isInconsistent = false;
  #withoutUid = 0;
  /** Whether the page being asked for follows a 410: a second one in a row leads nowhere. */
  #isResuming = false;

  constructor(options: ListOptions) {
    this.#options = options;
    this.#isExact = options.revision !== null;
    this.#limit = options.pageSize;
  }

  async read(): Promise<KindOutcome> {
    const { client, kind } = this.#options;
    for (;;) {
      const answer = await client.get({
        path: () => this.#path(),
        accept: acceptOf(kind),
        onFailure: (failure) => this.#shrink(failure),
      });
      if (answer.kind !== "ok") {
        if (this.#isRecovered(answer)) continue;
        return this.#stopped(answer);
      }
      const page = decodePage(answer.body, kind);
      if (page === null) return this.#ended("an answer that is not a list", 200);
      await this.#take(page);
      if (page.continueToken === null) return this.#ended(null, 200);
      if (page.continueToken === this.#continue)
        return this.#ended("the server's token leads to the same page", 200);
      this.#continue = page.continueToken;
    }
  }

  #path(): string {
    const { kind, revision } = this.#options;
    const query = new URLSearchParams({ limit: String(this.#limit), ...queryOf(kind) });
    // with a token the revision is the token's, and naming one is an error
    if (this.#continue !== null) query.set("continue", this.#continue);
    else if (this.#isExact && revision !== null) {
      query.set("resourceVersion", revision);
      query.set("resourceVersionMatch", "Exact");
    }
    return `${collectionPath(kind)}?${query.toString()}`;
  }

  async #take(page: Page): Promise<void> {
    if (this.#pages > 0 && page.revision !== this.#revision) this.#isInconsistent = true;
    // of an inconsistent list the newest, which the other kinds can still be read at
    this.#revision = page.revision ?? this.#revision;
    this.#pages += 1;
    this.#withoutUid += page.withoutUid;
    this.#isResuming = false;
    const fresh = page.documents.filter((document) => {
      const uid = uidOf(document);
      if (this.#seen.has(uid)) return false;
      this.#seen.add(uid);
      return true;
    });
    if (fresh.length < page.documents.length) this.#isInconsistent = true;
    if (fresh.length > 0) await this.#options.emit(fresh);
  }

  /** Large pages run into the server's own time limit: 60 s for the whole request. */
  #shrink(failure: Failure): boolean {
    const isSize = failure.why === "timeout" || failure.why === "too-large" || isOverload(failure);
    const smaller = Math.max(SMALLEST_PAGE, Math.floor(this.#limit / 2));
    if (!isSize || smaller >= this.#limit) return false;
    this.#limit = smaller;
    return true;
  }

  #isRecovered(answer: Refused | Failure): boolean {
    if (this.#pages === 0) {
      if (!this.#isExact || !isRevisionRefused(answer)) return false;
      this.#isExact = false;
      return true;
    }
    if (answer.kind === "failure" || answer.httpStatus !== 410) return false;
    if (answer.continueToken === null || this.#isResuming) return false;
    this.#continue = answer.continueToken;
    this.#isInconsistent = true;
    this.#isResuming = true;
    return true;
  }

  #stopped(answer: Refused | Failure): KindOutcome {
    const reason = answer.kind === "refused" ? answer.message : answer.reason;
    return this.#ended(reason, answer.httpStatus);
  }

  #ended(trouble: string | null, httpStatus: number | null): KindOutcome {
    const lost = this.#withoutUid === 0 ? null : `${this.#withoutUid} objects without a uid were left out`;
    const reason = [trouble, lost].filter((text) => text !== null).join("; ");
    const durationMs = Math.round(performance.now() - this.#startedAt);
    const shared = { reason: reason === "" ? null : reason, httpStatus, pages: this.#pages, durationMs };
    if (this.#pages === 0) {
      return { ...shared, status: unreadStatus(httpStatus), revision: null, consistency: "none" };
    }
    const status = reason === "" ? "complete" : "partial";
    return { ...shared, status, revision: this.#revision, consistency: this.#consistency() };
  }

  #consistency(): Consistency {
    if (this.#isInconsistent) return "inconsistent";
    if (this.#revision === null) return "kind";
    return this.#options.revision === null || this.#options.revision === this.#revision ? "cut" : "kind";
  }
}

function collectionPath({ group, version, resource }: KindRef): string {
  return group === "" ? `/api/${version}/${resource}` : `/apis/${group}/${version}/${resource}`;
}

function isOverload({ why, httpStatus }: Failure): boolean {
  return why === "server" && (httpStatus === 500 || httpStatus === 504);
}

/**
 * Whether a list at no given revision may fare better: 410 forgotten; 400 and 422 a server that does not know
 * `Exact`; a failure after its retries a revision that this server has not reached, which old ones answer with 500.
 */
function isRevisionRefused(answer: Refused | Failure): boolean {
  switch (answer.kind) {
    case "failure":
      return true;
    case "refused":
      return answer.httpStatus === 410 || answer.httpStatus === 400 || answer.httpStatus === 422;
    default:
      return assertNever(answer);
  }
}

function unreadStatus(httpStatus: number | null): "forbidden" | "not_served" | "error" {
  if (httpStatus === 403) return "forbidden";
  return httpStatus === 404 || httpStatus === 405 ? "not_served" : "error";
}
