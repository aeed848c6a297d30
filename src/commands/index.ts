import type { Command } from "commander";

/** A subcommand as the overview knows it; the rest is loaded when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/** Every subcommand, in the order of the help. Nothing behind them is loaded for `--help`. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "setup",
    summary: "write the settings of a mode; asks on a terminal, takes flags everywhere",
    load: async () => (await import("./setup.ts")).setupCommand(),
  },
  {
    name: "collect",
    summary: "read a Kubernetes cluster's inventory into Kafka or PostgreSQL",
    load: async () => (await import("./collect.ts")).collectCommand(),
  },
  {
    name: "consume",
    summary: "store a topic's messages in PostgreSQL, exactly once",
    load: async () => (await import("./consume.ts")).consumeCommand(),
  },
  {
    name: "ingest",
    summary: "take events over HTTP and bring them to Kafka, or to PostgreSQL",
    load: async () => (await import("./ingest.ts")).ingestCommand(),
  },
  {
    name: "verify",
    summary: "prove in numbers that nothing was lost and nothing was doubled",
    load: async () => (await import("./verify.ts")).verifyCommand(),
  },
  {
    name: "migrate",
    summary: "bring the database's tables, functions and views up to date",
    load: async () => (await import("./migrate.ts")).migrateCommand(),
  },
  {
    name: "streams",
    summary: "the streams that clusterflow moves, and those that a file of yours declares",
    load: async () => (await import("./streams.ts")).streamsCommand(),
  },
  {
    name: "topic",
    summary: "make the topic of a stream",
    load: async () => (await import("./topic.ts")).topicCommand(),
  },
  {
    name: "cutover",
    summary: "move a table to a topic while others write, and back",
    load: async () => (await import("./cutover.ts")).cutoverCommand(),
  },
  {
    name: "users",
    summary: "who may log in at the gateway of ingest",
    load: async () => (await import("./users.ts")).usersCommand(),
  },
  {
    name: "demo",
    summary: "something to look at: users, and quizzes that are played",
    load: async () => (await import("./demo.ts")).demoCommand(),
  },
  {
    name: "local",
    summary: "real PostgreSQL and Kafka on this machine, without Docker",
    load: async () => (await import("./local.ts")).localCommand(),
  },
  {
    name: "config",
    summary: "show and check the settings that a command would run with",
    load: async () => (await import("./config.ts")).configCommand(),
  },
];
