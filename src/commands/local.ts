import { resolve } from "node:path";
import { Command, Option } from "commander";
import { environment } from "../config/env.ts";
import { ClusterflowError } from "../core/errors.ts";
import { dataDirFlag, withDataDir } from "../local/data-dir-flag.ts";
import type { StackState } from "../local/state.ts";
import { interruption } from "../terminal/interrupt.ts";
import { tellOnStderr } from "../terminal/render.ts";
import { print, printJson, remark } from "../terminal/streams.ts";
import { tellStarted, tellStatus } from "./local-told.ts";

interface Place {
  readonly dataDir?: string;
  readonly output?: "text" | "json";
}

/** Exit status for "looked, and it is not all up". */
const NOT_ALL_UP = 4;

export function localCommand(): Command {
  return new Command("local")
    .description("real PostgreSQL and Kafka on this machine, without Docker")
    .addCommand(startCommand())
    .addCommand(stopCommand())
    .addCommand(statusCommand())
    .addCommand(logsCommand())
    .addCommand(envCommand())
    .addCommand(resetCommand());
}

interface StartOptions extends Place {
  readonly ephemeral?: boolean;
  readonly brokers?: string;
  readonly cluster?: string;
  readonly dbPort?: string;
  readonly kafkaPort?: string;
  readonly clusterPort?: string;
}

function startCommand(): Command {
  return withOutput(withPlace(new Command("start")))
    .description("start what does not run yet; the servers go on when this command has ended")
    .option("--ephemeral", "in a fresh temporary folder that stop deletes")
    .option("--brokers <count>", "1, or 3 with everything replicated (default: as before, 1 at first)")
    .option(
      "--cluster <spec>",
      "also a simulated Kubernetes API server: synthetic:OBJECTS[:SEED], or none (default: as before, none at first)",
    )
    .option("--db-port <port>", "PostgreSQL's port, and no other (5432 when it is free)")
    .option("--kafka-port <port>", "the first broker's port, and no other (9092 when it is free)")
    .option("--cluster-port <port>", "the API server's port, and no other (8001 when it is free)")
    .addHelpText("after", START_EXAMPLES)
    .action((options: StartOptions) => inPlace(options, () => start(options)));
}

const START_EXAMPLES = `
Examples:
  clusterflow local start
  clusterflow local start --cluster synthetic:500
  clusterflow local start --brokers 3 --ephemeral`;

async function start(options: StartOptions): Promise<void> {
  if (options.ephemeral === true && options.dataDir !== undefined) throw bothFolders();
  const { defaultStackOptions, parseBrokers, parseClusterSpec } = await import("../local/stack-options.ts");
  const { makeEphemeralFolder } = await import("../local/folders.ts");
  const { parsePort } = await import("../local/ports.ts");
  const { startStack } = await import("../local/start-stack.ts");
  const port = (text: string | undefined, flag: string): number | null =>
    text === undefined ? null : parsePort(text, flag);
  const usual = defaultStackOptions(environment());
  const wanted = {
    brokers: options.brokers === undefined ? null : parseBrokers(options.brokers),
    cluster: options.cluster === undefined ? null : parseClusterSpec(options.cluster),
    ports: {
      postgres: port(options.dbPort, "--db-port"),
      kafka: port(options.kafkaPort, "--kafka-port"),
      cluster: port(options.clusterPort, "--cluster-port"),
    },
  };
  const ephemeral = options.ephemeral === true;
  const dataDir = ephemeral ? await makeEphemeralFolder() : (options.dataDir ?? usual.dataDir);
  const begun = performance.now();
  const tell = tellOnStderr;
  const stack = await startStack({ ...usual, ...wanted, dataDir, ephemeral, signal: interruption() }, tell);
  if (options.output === "json") printJson({ ok: true, ...withoutSecrets(stack), started: stack.started });
  else tellStarted(stack, begun, dataDirFlag(stack.dataDir === usual.dataDir ? null : stack.dataDir));
}

function stopCommand(): Command {
  return withOutput(withPlace(new Command("stop")))
    .description("end the servers that start has started, and nothing else")
    .action((options: Place) =>
      inPlace(options, async () => {
        const dataDir = await dataDirOf(options);
        const { stopStack } = await import("../local/stop-stack.ts");
        const outcome = await stopStack(dataDir, tellOnStderr);
        const { stopped, removed } = outcome ?? { stopped: [], removed: false };
        if (options.output === "json") printJson({ ok: true, dataDir, stopped, removed });
        else print(stopped.length === 0 ? "Nothing was running." : `Stopped ${stopped.join(", ")}.`);
        if (removed) remark(`Deleted ${dataDir}.`);
      }),
    );
}

function statusCommand(): Command {
  return withOutput(withPlace(new Command("status")))
    .description("which servers answer; exit status 4 unless all of them do")
    .action((options: Place) =>
      inPlace(options, async () => {
        const dataDir = await dataDirOf(options);
        const { stackStatus } = await import("../local/stack-status.ts");
        const status = await stackStatus(dataDir);
        if (status?.up !== true) process.exitCode = NOT_ALL_UP;
        if (options.output === "json")
          printJson({
            ok: status?.up === true,
            ...(status ?? { dataDir, ephemeral: false, up: false, servers: [] }),
          });
        else if (status === null) print(`No local stack in ${dataDir}.`);
        else tellStatus(status, dataDirFlag(options.dataDir ?? null));
      }),
    );
}

interface LogsOptions extends Place {
  readonly follow?: boolean;
  readonly lines: string;
}

function logsCommand(): Command {
  return withPlace(new Command("logs"))
    .description("the servers' logs")
    .argument("[server]", "postgres, kafka or cluster; all of them when left out")
    .option("-f, --follow", "go on until Ctrl-C")
    .option("-n, --lines <count>", "how many of the last lines", "50")
    .action((server: string | undefined, options: LogsOptions) =>
      inPlace(options, async () => {
        if (!/^\d{1,7}$/.test(options.lines)) throw notACount(options.lines);
        const { logFiles } = await import("../local/log-files.ts");
        const { followLog, lastLines, sizeOf } = await import("../local/server-log.ts");
        const logs = logFiles(await dataDirOf(options), server ?? null);
        const ends = logs.map(({ path }) => sizeOf(path));
        for (const { name, path } of logs) {
          if (logs.length > 1) print(`==> ${name} <==`);
          for (const line of lastLines(path, Number(options.lines))) print(line);
        }
        if (options.follow !== true) return;
        const write = (bytes: Buffer): void => void process.stdout.write(bytes);
        await Promise.all(logs.map(({ path }, at) => followLog(path, ends[at] ?? 0, write, interruption())));
      }),
    );
}

interface EnvOptions extends Place {
  readonly format: "env" | "shell" | "json";
  readonly only?: string;
}

function envCommand(): Command {
  return withPlace(new Command("env"))
    .description("the settings that reach the stack, as lines to source")
    .addOption(
      new Option("--format <form>", "shell exports as it is sourced")
        .choices(["env", "shell", "json"])
        .default("env"),
    )
    .option(
      "--only <parts>",
      "kafka, database, cluster: some of them, for a collector takes no database settings",
    )
    .action((options: EnvOptions) =>
      inPlace(options, async () => {
        const dataDir = await dataDirOf(options);
        const { connectionSettings, ENV_PARTS, parseEnvParts, renderSettings } =
          await import("../local/connection-settings.ts");
        const { isRunning } = await import("../machine/process-identity.ts");
        const { readState } = await import("../local/state.ts");
        const parts = options.only === undefined ? ENV_PARTS : parseEnvParts(options.only);
        const state = readState(dataDir);
        if (state?.servers.some(isRunning) !== true) throw notRunning(dataDir);
        print(renderSettings(connectionSettings(state, parts), options.format));
      }),
    );
}

function resetCommand(): Command {
  return withOutput(withPlace(new Command("reset")))
    .description("stop the servers and delete all their data")
    .option("--confirm <word>", "the word local: the data cannot be had back")
    .action((options: Place & { readonly confirm?: string }) =>
      inPlace(options, async () => {
        const dataDir = await dataDirOf(options);
        if (options.confirm !== "local") throw unconfirmed(dataDir);
        const { resetStack } = await import("../local/stop-stack.ts");
        const outcome = await resetStack(dataDir, tellOnStderr);
        const { stopped, removed } = outcome ?? { stopped: [], removed: false };
        if (options.output === "json") printJson({ ok: true, dataDir, stopped, removed });
        else print(removed ? `Deleted the local stack in ${dataDir}.` : `No local stack in ${dataDir}.`);
      }),
    );
}

function withPlace(command: Command): Command {
  return command.option("--data-dir <folder>", "where data, logs and state lie");
}

function withOutput(command: Command): Command {
  const forms = new Option("-o, --output <form>", "what stdout holds")
    .choices(["text", "json"])
    .default("text");
  return command.addOption(forms);
}

async function dataDirOf({ dataDir }: Place): Promise<string> {
  const { defaultFolders } = await import("../local/folders.ts");
  return resolve(dataDir ?? defaultFolders(environment(), process.getuid?.() ?? -1).dataDir);
}

/** Runs a command; the next one that its error names is about the same folder. */
async function inPlace({ dataDir }: Place, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    throw withDataDir(thrown, dataDir ?? null);
  }
}

function withoutSecrets(stack: StackState): Omit<StackState, "database"> & { readonly database: object } {
  const { host, port, database, user } = stack.database;
  return { ...stack, database: { host, port, database, user } };
}

function bothFolders(): ClusterflowError {
  return new ClusterflowError("--ephemeral makes a folder of its own; --data-dir names one.", {
    code: "usage",
    hint: "Leave one of them out.",
  });
}

function notACount(text: string): ClusterflowError {
  return new ClusterflowError(`--lines takes a number of lines, not "${text}".`, {
    code: "usage",
    hint: "clusterflow local logs -n 50",
  });
}

function notRunning(dataDir: string): ClusterflowError {
  return new ClusterflowError(`No local stack runs in ${dataDir}.`, {
    code: "wrong",
    hint: "clusterflow local start",
  });
}

function unconfirmed(dataDir: string): ClusterflowError {
  return new ClusterflowError(
    `This stops the local stack and deletes everything in ${dataDir}: databases, topics and logs.`,
    { code: "refused", hint: "clusterflow local reset --confirm local" },
  );
}
