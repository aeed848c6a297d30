/** Data: what a script would read. */
export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Everything else: progress, notices, warnings. */
export function remark(text: string): void {
  process.stderr.write(text.endsWith("\n") ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(
    JSON.stringify(
      value,
      (_, member: unknown) => (typeof member === "bigint" ? member.toString() : member),
      2,
    ),
  );
}

/** A reader that leaves early, such as `head`, is no error of ours. */
export function endQuietlyOnClosedPipe(): void {
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error;
  };
  process.stdout.on("error", onError);
  process.stderr.on("error", onError);
}
