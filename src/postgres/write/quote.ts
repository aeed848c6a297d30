/** A schema's object, quoted. */
export function name([schema, object]: readonly [string, string]): string {
  return `${quote(schema)}.${quote(object)}`;
}

/** Not the driver's own quoting: that one makes a schema of whatever stands before a dot. */
export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
