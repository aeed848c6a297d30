import { BatchTimes } from "../../pipeline/batch-times.ts";
import type { Family, Sample } from "../exposition.ts";
import type { Receipt } from "./ports.ts";

/** What the gateway has seen since it was opened, as `/metrics` shows it. Labels are words of ours, never a client's. */
export class GatewayObserved {
  readonly #requests = new Map<string, { readonly route: string; readonly status: number; count: number }>();
  readonly #taken = new Map<string, number>([["kafka", 0], ["direct", 0], ["spool", 0]]); // prettier-ignore
  readonly #times = new BatchTimes();
  #refused = 0;
  #unavailable = 0;

  /** `route` is a route's own path, not what somebody asked for. */
  sawRequest(route: string, status: number, seconds: number): void {
    const key = `${status} ${route}`;
    const seen = this.#requests.get(key) ?? { route, status, count: 0 };
    seen.count += 1;
    this.#requests.set(key, seen);
    this.#times.add(seconds);
  }

  sawRecord(receipt: Receipt): void {
    if (receipt.kind === "taken") this.#taken.set(receipt.mode, (this.#taken.get(receipt.mode) ?? 0) + 1);
    else if (receipt.kind === "refused") this.#refused += 1;
    else this.#unavailable += 1;
  }

  families(inFlight: number): readonly Family[] {
    const requests = [...this.#requests.values()];
    return [
      counter(
        "clusterflow_http_requests_total",
        "Requests by route and status; 499: the client was gone before the answer.",
        requests.map(({ route, status, count }) => ({ labels: { route, status }, value: count })),
      ),
      {
        name: "clusterflow_http_requests_in_flight",
        help: "Requests that are being worked on.",
        type: "gauge",
        samples: [{ value: inFlight }],
      },
      histogram("clusterflow_http_request_seconds", "From a request's headers to its answer.", this.#times),
      counter(
        "clusterflow_ingest_records_total",
        "Events that are safely down, by where.",
        [...this.#taken].map(([mode, value]) => ({ labels: { mode }, value })),
      ),
      counter("clusterflow_ingest_records_refused_total", "Records that are no good.", [
        { value: this.#refused },
      ]),
      counter("clusterflow_ingest_records_unavailable_total", "Events for which there was no place.", [
        { value: this.#unavailable },
      ]),
    ];
  }
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: "counter", samples };
}

function histogram(name: string, help: string, times: BatchTimes): Family {
  const samples = [
    ...times.atMost.map(([le, value]) => ({ suffix: "_bucket", labels: { le }, value })),
    { suffix: "_bucket", labels: { le: "+Inf" }, value: times.count },
    { suffix: "_sum", value: times.sum },
    { suffix: "_count", value: times.count },
  ];
  return { name, help, type: "histogram", samples };
}
