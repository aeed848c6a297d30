export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
}

/**
 * Somebody at a terminal. Every question may end in a ClusterflowError with code `interrupted`: the person pressed
 * Ctrl-C, and nothing that was asked for may happen.
 */
export interface Asker {
  choose<T extends string>(question: string, choices: readonly Choice<T>[], initial: T): Promise<T>;
  /** `complaint` says what is wrong with a text, null when it fits. */
  text(question: string, initial: string, complaint: (text: string) => string | null): Promise<string>;
  /** What is typed does not show. */
  secret(question: string): Promise<string>;
  confirm(question: string, initial: boolean): Promise<boolean>;
}
