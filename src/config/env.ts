/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's environment as it is now. Nothing else reads it: settings arrive as arguments everywhere below. */
export function environment(): Environment {
  return { ...process.env };
}
