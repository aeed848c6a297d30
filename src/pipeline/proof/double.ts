import { checkOf, failed, fine, type Check } from "./check.ts";

/** Something that may be there once at most, and how often it is there more than once. */
export interface Double {
  /** What was counted, in the plural. */
  readonly what: string;
  readonly times: bigint;
  /** One of them; null when there is none. */
  readonly example: string | null;
}

export function judgeDoubles(doubles: readonly Double[]): Check {
  const wrong = doubles.filter(({ times }) => times > 0n);
  const findings = wrong.map(({ what, times, example }) =>
    failed(
      `${times} ${what}, such as ${example ?? "?"}`,
      { expected: "0", found: `${times}` },
      // the tables' own constraints forbid it, so they are not what they were
      { step: "refill" },
    ),
  );
  const looked = doubles.map(({ what }) => `no ${what}`).join(", ");
  return checkOf(
    {
      id: "double",
      title: "nothing is stored twice",
      expected: "0",
      found: wrong.reduce((sum, { times }) => sum + times, 0n).toString(),
    },
    wrong.length === 0 && doubles.length > 0 ? [fine(looked)] : findings,
  );
}
