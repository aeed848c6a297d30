/**
 * Everything a running flow has to tell, as one union; `terminal/` draws it, `-o json` prints it.
 * The level follows the consequence: info is progress, warn recovered and lost nothing, error lost
 * something or needs a person.
 */
export type Report =
  | { readonly kind: "snapshot-started"; readonly snapshot: string; readonly cluster: string }
  | {
      readonly kind: "kind-read";
      readonly resource: string;
      readonly status: string;
      readonly objects: number;
      readonly reason: string | null;
    }
  | {
      readonly kind: "snapshot-ended";
      readonly snapshot: string;
      readonly objects: number;
      readonly ms: number;
    }
  | { readonly kind: "waiting"; readonly for: string; readonly reason: string }
  | { readonly kind: "resumed"; readonly for: string; readonly afterMs: number }
  | { readonly kind: "assigned"; readonly partitions: number }
  | {
      readonly kind: "batch-stored";
      readonly topic: string;
      readonly partition: number;
      readonly start: bigint;
      readonly end: bigint;
      readonly stored: number;
      readonly deadLettered: number;
    }
  | {
      readonly kind: "record-rejected";
      readonly topic: string;
      readonly partition: number;
      readonly offset: bigint;
      readonly reason: string;
    }
  | { readonly kind: "fenced"; readonly topic: string; readonly partition: number }
  | { readonly kind: "draining" }
  | { readonly kind: "notice"; readonly text: string }
  | { readonly kind: "warning"; readonly text: string };

export type Tell = (report: Report) => void;
