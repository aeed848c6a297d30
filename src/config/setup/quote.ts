/**
 * A value as the right side of `export NAME=` so that a shell and our own reader see the same text. No line breaks:
 * neither takes them alike.
 */
export function quoteForShell(value: string): string {
  if (/^[A-Za-z0-9_.,:/@%+=-]*$/.test(value)) return value;
  return `'${value.replaceAll("'", "'\\''")}'`;
}
