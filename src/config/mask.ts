/** What stands in every output where a secret would. */
export const MASK = "***";

/**
 * A value as messages may show it: quoted, so that control characters show, cut to a readable length, and without
 * the user information of an address (somebody may have put a whole URL where a host belongs).
 */
export function shown(text: string): string {
  const quoted = JSON.stringify(withoutUserinfo(text));
  return quoted.length > 80 ? `${quoted.slice(0, 76)}..."` : quoted;
}

/** Replaces what stands before an `@` in every address: `postgres://u:p@h` becomes `postgres://***@h`. */
export function withoutUserinfo(text: string): string {
  return text.includes("@") ? text.replace(/^([a-z+]+:\/\/)?.*@/is, `$1${MASK}@`) : text;
}
