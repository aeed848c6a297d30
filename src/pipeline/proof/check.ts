export type CheckId = "topic" | "untouched" | "stored" | "counts" | "digest" | "double" | "offsets" | "live";

/**
 * `ok`: looked at and right. `failed`: looked at and wrong. `pending`: cannot be right yet, because messages are still
 * on their way. `told`: there was nothing to compare; the detail says why.
 */
export type CheckStatus = "ok" | "failed" | "pending" | "told";

/**
 * What sets it right. `collect`: a new snapshot. `replay`: reading the topic again. `refill`: a database of its own,
 * filled from the topic. `origin`: looking who wrote there. `list`: looking what is there. `legacy`: looking without
 * the topic.
 */
export type Step = "collect" | "replay" | "refill" | "origin" | "list" | "legacy";

export interface Remedy {
  readonly step: Step;
  /** What has to be done in the database first, because no command of ours changes what is stored already. */
  readonly statement?: string;
}

/** One question that was put to the topic and the database, and the answer. */
export interface Check {
  readonly id: CheckId;
  /** What is right when this check is ok, as a sentence. */
  readonly title: string;
  readonly status: CheckStatus;
  /** What was found, as text for a person; what is wrong comes first. */
  readonly detail: string;
  /** Both sides as numbers; those of the first fault where there is one, so that they differ. */
  readonly expected: string | null;
  readonly found: string | null;
  readonly remedy: Remedy | null;
}

/** One remark on the way to a check's answer. */
export interface Finding {
  readonly status: CheckStatus;
  readonly text: string;
  readonly sides?: Sides;
  readonly remedy?: Remedy;
}

/** What was to be and what was there, in a few words each: a person has to see the difference. */
export interface Sides {
  readonly expected: string;
  readonly found: string;
}

export interface CheckHead {
  readonly id: CheckId;
  readonly title: string;
  readonly expected?: string | null;
  readonly found?: string | null;
}

/**
 * Puts findings together as one check: one failure fails it, one pending finding keeps it pending, and with nothing
 * compared at all it is told.
 */
export function checkOf(head: CheckHead, findings: readonly Finding[]): Check {
  const status = ORDER.find((one) => findings.some((finding) => finding.status === one)) ?? "told";
  const detail = ORDER.flatMap((one) => listed(findings.filter((finding) => finding.status === one)));
  const first = findings.find((finding) => finding.status === status);
  const { expected = null, found = null } = { ...head, ...first?.sides };
  return {
    id: head.id,
    title: head.title,
    status,
    detail: detail.length === 0 ? "there is nothing to look at" : detail.join("; "),
    expected,
    found,
    remedy: first?.remedy ?? null,
  };
}

export const failed = (text: string, sides: Sides, remedy: Remedy): Finding => ({
  status: "failed",
  text,
  sides,
  remedy,
});
export const pending = (text: string, remedy?: Remedy): Finding => ({
  status: "pending",
  text,
  ...(remedy === undefined ? {} : { remedy }),
});
export const fine = (text: string): Finding => ({ status: "ok", text });
export const told = (text: string): Finding => ({ status: "told", text });

/** The same remark where it is not what the person asks about. */
export function aside({ status, text }: Finding): Finding {
  return status === "ok" ? fine(text) : told(text);
}

const ORDER: readonly CheckStatus[] = ["failed", "pending", "ok", "told"];
/** Findings of one status that are shown; a thousand lines of the same fault help nobody. */
const SHOWN = 5;

function listed(findings: readonly Finding[]): string[] {
  const shown = findings.slice(0, SHOWN).map(({ text }) => text);
  const more = findings.length - shown.length;
  return more === 0 ? shown : [...shown, `and ${more} more of this kind`];
}
