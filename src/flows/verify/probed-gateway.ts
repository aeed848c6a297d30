import { ClusterflowError } from "../../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import type { SentProbe } from "../../pipeline/proof/live.ts";
import { PROBE_HEADER } from "../../pipeline/probe.ts";

/** A gateway of `clusterflow ingest`, and the token of somebody who may write there. */
export interface ProbedGateway {
  readonly url: string;
  readonly token: string;
}

type Answer = Pick<SentProbe, "place" | "mode" | "fault">;

const ANSWER_MS = 10_000;

/** Posts one probe. Throws where posting it again would not help: a wrong token, a gateway that takes no probes. */
export async function postProbe({ url, token }: ProbedGateway, mark: string): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    [PROBE_HEADER]: mark,
  };
  const signal = AbortSignal.timeout(ANSWER_MS);
  let status: number;
  let body: Json;
  try {
    const response = await fetch(`${url}/api/events`, { method: "POST", body: "{}", headers, signal });
    status = response.status;
    body = (await response.json()) as Json;
  } catch {
    return notTaken(`no gateway answers at ${url}`);
  }
  if (status === 201 && isJsonObject(body)) return takenAs(body, url);
  const reason = reasonIn(body);
  if (status === 503 || status === 429) return notTaken(`the gateway has no place for them: ${reason}`);
  throw new ClusterflowError(`the gateway at ${url} refuses probes: status ${status}: ${reason}`, {
    code: "usage",
    hint:
      status === 401 || status === 403
        ? "the token has to be one with the scope WRITE, as POST /api/auth/login gives it to a writer: --token-file FILE"
        : "is it a gateway of this version, with Kafka behind it? clusterflow ingest --mode hybrid-kafka",
  });
}

/** An event that an older gateway took for one would be no probe: its answer has no mark. */
function takenAs(body: JsonObject, url: string): Answer {
  const { mode, partition, offset } = body;
  if (mode === "spool") return { mode, place: null, fault: null };
  if (mode !== "kafka")
    throw new ClusterflowError(`the gateway at ${url} brings events straight to PostgreSQL`, {
      code: "usage",
      hint: "probes go through Kafka: clusterflow ingest --mode hybrid-kafka",
    });
  const isPlace = typeof partition === "number" && (typeof offset === "number" || typeof offset === "string");
  return { mode, place: isPlace ? { partition, offset: BigInt(offset) } : null, fault: null };
}

function notTaken(fault: string): Answer {
  return { place: null, mode: null, fault };
}

function reasonIn(body: Json): string {
  const error = isJsonObject(body) ? body["error"] : null;
  const message = isJsonObject(error) ? error["message"] : error;
  return typeof message === "string" ? message : "no reason is given";
}
