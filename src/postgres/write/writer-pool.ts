import type { DatabaseSettings } from "../../config/parts.ts";
import type { Deliver } from "../../pipeline/ports.ts";
import { Connection } from "../connection.ts";
import { openWriter, type WriterOptions } from "./deliver.ts";

export interface WriterPoolOptions extends Omit<WriterOptions, "connection"> {
  readonly database: DatabaseSettings;
  /** Writers, each with a connection of its own and one statement in flight. */
  readonly size: number;
}

/** Several writers; a partition always has the same one, so its batches stay in order. */
export function openWriterPool(options: WriterPoolOptions): { readonly deliver: Deliver } & AsyncDisposable {
  const name = `clusterflow consume ${options.group}`;
  const connections = Array.from(
    { length: options.size },
    () => new Connection(options.database, name, options.tell),
  );
  const writers = connections.map((connection) => openWriter({ ...options, connection }));
  return {
    deliver: async (batch, signal) => {
      const writer = writers[batch.partition % writers.length];
      if (writer === undefined) throw new RangeError("a pool of no writers");
      return writer(batch, signal);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(connections.map((connection) => connection[Symbol.asyncDispose]()));
    },
  };
}
