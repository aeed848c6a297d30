import Batch from "kafkajs/src/consumer/batch.js";

/**
 * kafkajs 2.2.4 steps over batches in which every record was aborted, is a transaction marker or was compacted away
 * without showing them to `eachBatch`; its events about them do not say which offset had been asked for. Here they
 * reach `eachBatch` with no messages, so that one path sees every range of offsets and the position can follow to
 * the topic's end. `runner.js` is the only caller of both methods.
 */
export function patchEmptyBatches(): void {
  Batch.prototype.isEmptyDueToFiltering = () => false;
  Batch.prototype.isEmpty = function (): boolean {
    return this.rawMessages.length === 0;
  };
}
