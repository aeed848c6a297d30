/** Settings as a command gets them. */
export interface Loaded<T> {
  readonly settings: T;
  /** What the person should know though nothing is wrong; to be told on stderr. */
  readonly notices: readonly string[];
}
