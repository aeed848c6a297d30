import { accessFailure } from "./failures.ts";
import type { ServerRecord, StateFile } from "./state.ts";
import { writeStateFile } from "./state.ts";

/** The state file while servers come and go: every change is on disk before the next step begins. */
export interface StateBook {
  readonly file: () => StateFile;
  /** Adds a server, or replaces the one of the same name. */
  readonly record: (server: ServerRecord) => void;
  readonly forget: (names: readonly string[]) => void;
}

export function openStateBook(dataDir: string, first: StateFile): StateBook {
  let file = first;
  const write = (servers: readonly ServerRecord[]): void => {
    file = { ...file, servers };
    try {
      writeStateFile(dataDir, file);
    } catch (cause) {
      throw accessFailure(dataDir, cause);
    }
  };
  const without = (names: readonly string[]): readonly ServerRecord[] =>
    file.servers.filter((server) => !names.includes(server.name));
  write(first.servers);
  return {
    file: () => file,
    record: (server) => write([...without([server.name]), server]),
    forget: (names) => write(without(names)),
  };
}
