import { ClusterflowError } from "../../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

const ANSWER_MS = 30_000;

/** Speaks to a gateway as its clients do. */
export class GatewayClient {
  readonly #url: string;
  readonly #token: string;

  private constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  static async logIn(url: string, credentials: Credentials): Promise<GatewayClient> {
    const { status, body } = await ask(url, "/api/auth/login", JSON.stringify(credentials), {});
    const token = isJsonObject(body) ? body["token"] : null;
    if (typeof token === "string") return new GatewayClient(url, token);
    throw new ClusterflowError(`${url} does not let ${credentials.email} in: status ${status}`, {
      code: "unreachable",
      hint: `make that user: clusterflow users add --email ${credentials.email} --role writer`,
    });
  }

  /** Null when the gateway has no room for all of them now; posting them again is safe. */
  async post(events: readonly JsonObject[]): Promise<JsonObject | null> {
    const authorization = `Bearer ${this.#token}`;
    const { status, body } = await ask(this.#url, "/v1/events", JSON.stringify(events), { authorization });
    if (status === 503 || status === 429) return null;
    if (status === 201 && isJsonObject(body)) return body;
    throw new ClusterflowError(`${this.#url} refuses the events: status ${status}`, {
      code: "unexpected",
      hint: "does the gateway take quiz events? clusterflow ingest --stream quiz-events",
    });
  }
}

interface Reply {
  readonly status: number;
  readonly body: Json;
}

export function gatewayName(url: string): string {
  return `the gateway at ${url}`;
}

async function ask(
  url: string,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> {
  const type = { "content-type": "application/json" };
  const signal = AbortSignal.timeout(ANSWER_MS);
  try {
    const response = await fetch(url + path, {
      method: "POST",
      body,
      headers: { ...headers, ...type },
      signal,
    });
    return { status: response.status, body: (await response.json()) as Json };
  } catch (cause) {
    throw new ClusterflowError(`${gatewayName(url)}: no answer to ${path}`, {
      code: "unreachable",
      retryable: true,
      hint: "start one: clusterflow ingest",
      cause,
    });
  }
}
