/** The three things that the consumer is asked to do about fetching; all take effect at once. */
export interface FetchControl {
  pause(partitions: readonly number[]): void;
  resume(partition: number): void;
  seek(partition: number, offset: bigint): void;
}
