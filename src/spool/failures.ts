import { ClusterflowError } from "../core/errors.ts";

/** `vendorCode` of an append that the spool has no room for. */
export const SPOOL_FULL = "SPOOL_FULL";

export function heldBy(dir: string, pid: number): ClusterflowError {
  return new ClusterflowError(`The spool ${dir} is in use by the process ${pid}.`, {
    code: "refused",
    hint: `Look at it with: ps -fp ${pid}`,
  });
}

export function damaged(path: string, offset: number): ClusterflowError {
  return new ClusterflowError(
    `The spool's file ${path} is damaged at byte ${offset}: what was acknowledged there cannot be read.`,
    { code: "wrong", hint: asideHint(path) },
  );
}

export function missingEntries(path: string, from: number, to: number): ClusterflowError {
  return new ClusterflowError(
    `The spool lacks the entries ${from} to ${to - 1}: ${path} is too short, or a file beside it is missing.`,
    { code: "wrong", hint: asideHint(path) },
  );
}

export function damagedCursor(path: string): ClusterflowError {
  return new ClusterflowError(
    `The spool's file ${path} is damaged: how far entries were replayed is not known.`,
    {
      code: "wrong",
      hint: `Replay again all that is still there, which doubles no event that has an id: rm ${path}`,
    },
  );
}

export function full(dir: string, why: string, retryable: boolean): ClusterflowError {
  return new ClusterflowError(`The spool ${dir} is full: ${why}.`, {
    code: "refused",
    hint: `Look at it with: du -sh ${dir}; df -h ${dir}`,
    retryable,
    vendorCode: SPOOL_FULL,
  });
}

export function closed(dir: string): ClusterflowError {
  return new ClusterflowError(`The spool ${dir} is closed.`, { code: "interrupted", retryable: true });
}

/** A write that did not happen, and that may when it is tried again. */
export function notWritten(dir: string, cause: unknown): ClusterflowError {
  if (cause instanceof ClusterflowError) return cause;
  const code = systemCode(cause);
  return new ClusterflowError(`The spool ${dir} could not be written: the system says ${code}.`, {
    code: "unexpected",
    hint: `Look at the disk with: df -h ${dir}`,
    retryable: true,
    vendorCode: code,
    cause,
  });
}

export function notRead(dir: string, cause: unknown): ClusterflowError {
  if (cause instanceof ClusterflowError) return cause;
  const code = systemCode(cause);
  return new ClusterflowError(`The spool ${dir} could not be read: the system says ${code}.`, {
    code: "unexpected",
    hint: `Look at the disk's own messages with: dmesg | tail`,
    retryable: true,
    vendorCode: code,
    cause,
  });
}

export function notOpened(dir: string, cause: unknown): ClusterflowError {
  if (cause instanceof ClusterflowError) return cause;
  const code = systemCode(cause);
  const isDisk = code === "ENOSPC" || code === "EDQUOT" || code === "EIO";
  return new ClusterflowError(`The spool ${dir} cannot be opened: the system says ${code}.`, {
    code: isDisk ? "unexpected" : "usage",
    hint: isDisk
      ? `Look at the disk with: df -h ${dir}`
      : `It has to be a folder of this user: ls -ld ${dir}`,
    vendorCode: code,
    cause,
  });
}

function systemCode(cause: unknown): string {
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : String(cause);
}

function asideHint(path: string): string {
  const dir = path.slice(0, path.lastIndexOf("/"));
  return `Bring the file back from a copy, or set the folder aside with all that it holds and begin anew: mv ${dir} ${dir}.damaged`;
}
