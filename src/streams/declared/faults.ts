/** Something wrong in a file of declarations. Lines and columns count from 1. */
export interface Fault {
  readonly line: number;
  readonly column: number;
  /** What stands there: `streams[0].tables[1].columns.price`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong and what is allowed, as words after the path. */
  readonly sentence: string;
}

/** A parser that has lost its way finds a fault at every step. */
const TOLD = 40;

/** Faults as lines that editors and terminals make links of, in the order of the file. */
export function faultLines(file: string, faults: readonly Fault[]): readonly string[] {
  const lines = faults
    .toSorted((one, other) => one.line - other.line || one.column - other.column)
    .map(({ line, column, path, sentence }) =>
      [`${file}:${line}:${column}:`, ...(path === "" ? [] : [path]), sentence].join(" "),
    );
  const different = [...new Set(lines)];
  const more = different.length - TOLD;
  return more > 0 ? [...different.slice(0, TOLD), `${file}: and ${more} more`] : different;
}
