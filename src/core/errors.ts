/** Why an operation failed, as a closed list: a new case is one word here and one row in `EXIT`. */
export type ErrorCode =
  | "usage" // a flag, a setting or a file the person gave is wrong
  | "unreachable" // a server did not answer in time, or refused the credentials
  | "wrong" // something was checked and is not right: lost, doubled, lost offsets, drift
  | "partial" // done in part; the rest is named in the message
  | "refused" // refused for safety
  | "timeout" // still in progress when the time was over
  | "fenced" // another process took the partition over
  | "interrupted" // a signal ended it before it was done
  | "data" // one record cannot be stored as it is
  | "unexpected"; // a bug, a full disk

/** Exit status of each code; DESIGN section 8. */
const EXIT: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  unreachable: 3,
  wrong: 4,
  partial: 5,
  refused: 6,
  timeout: 8,
  fenced: 3,
  interrupted: 130,
  data: 1,
  unexpected: 1,
};

export interface ErrorDetail {
  readonly code: ErrorCode;
  /** The next command to type, or the line to change. */
  readonly hint?: string;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable?: boolean;
  /** The vendor's own code: a SQLSTATE, a Kafka error type, an HTTP status. */
  readonly vendorCode?: string;
  readonly cause?: unknown;
}

/** The one error class of clusterflow: callers branch on `code`, people read `message` and `hint`. */
export class ClusterflowError extends Error {
  override readonly name = "ClusterflowError";
  readonly code: ErrorCode;
  readonly hint: string | null;
  readonly retryable: boolean;
  readonly vendorCode: string | null;

  constructor(message: string, detail: ErrorDetail) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = detail.code;
    this.hint = detail.hint ?? null;
    this.retryable = detail.retryable ?? false;
    this.vendorCode = detail.vendorCode ?? null;
  }
}

/** Exit status of an error: 128 plus the signal's number when a signal ended the work. */
export function exitStatusOf(error: ClusterflowError): number {
  return error.code === "interrupted" && error.vendorCode === "SIGTERM" ? 143 : EXIT[error.code];
}

/** Whatever was thrown, as one of ours; a foreign error is kept as the cause. */
export function toClusterflowError(thrown: unknown): ClusterflowError {
  if (thrown instanceof ClusterflowError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ClusterflowError(message, { code: "unexpected", cause: thrown });
}
