export interface ReadLimits {
  /** After so long the server itself ends the statement, with SQLSTATE 57014. */
  readonly statementMs: number;
}

/**
 * A script that runs one statement which may only read, and for so long: the settings are those of its transaction and
 * go with it. As settings of the session they would be refused by a pooler that gives each transaction another one.
 */
export function boundedRead(
  text: string,
  parameters: readonly (string | null)[],
  { statementMs }: ReadLimits,
): string {
  return [
    `SET LOCAL statement_timeout = ${Math.ceil(statementMs)}`,
    "SET LOCAL transaction_read_only = on",
    text.replaceAll(/\$(\d+)/g, (_, place: string) => literal(parameters[Number(place) - 1] ?? null)),
  ].join(";\n");
}

/** A script takes no parameters. In hexadecimal digits no text can be anything but a text. */
function literal(parameter: string | null): string {
  if (parameter === null) return "NULL";
  return `convert_from(decode('${Buffer.from(parameter).toString("hex")}', 'hex'), 'UTF8')`;
}
