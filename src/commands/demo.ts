import { Command } from "commander";
import { loadDatabaseSettings } from "../config/database.ts";
import { loadGatewayUrl } from "../config/ingest.ts";
import { readSecretFile } from "../config/sources/secret-file.ts";
import { ClusterflowError } from "../core/errors.ts";
import { interruption } from "../terminal/interrupt.ts";
import { print, printJson } from "../terminal/streams.ts";
import {
  settingsInput,
  settingsSources,
  tellAfter,
  withCommonOptions,
  withDatabaseOptions,
  type CommonOptions,
} from "./options.ts";

/** As the guide of the system before this one names them; everybody knows the password. */
const USERS = [
  { email: "writer.test@example.com", name: "Writer", role: "writer" },
  { email: "reader.test@example.com", name: "Reader", role: "reader" },
] as const;
const KNOWN_PASSWORD = "test123";

export function demoCommand(): Command {
  const command = new Command("demo").description("something to look at: users, and quizzes that are played");
  command.addCommand(usersCommand());
  command.addCommand(quizCommand());
  return command;
}

function usersCommand(): Command {
  const command = new Command("users").description(
    `make ${USERS.map(({ email }) => email).join(" and ")}, whose password everybody knows`,
  );
  return withCommonOptions(withDatabaseOptions(command)).action(async (options: CommonOptions) => {
    const { settings, notices } = loadDatabaseSettings(settingsInput(options));
    const run = { tell: tellAfter(notices), signal: interruption() };
    const { addUser } = await import("../flows/users.ts");
    for (const user of USERS) await addUser(settings, { ...user, password: KNOWN_PASSWORD }, true, run);
    const emails = USERS.map(({ email }) => email);
    const text = `${emails.join(" and ")} log in with the password ${KNOWN_PASSWORD}, which everybody knows: never do this where others can reach the gateway, and end it with clusterflow users remove`;
    run.tell({ kind: "warning", text });
    if (options.output === "json") printJson({ ok: true, users: emails });
    else print(`made ${emails.join(" and ")}`);
  });
}

interface QuizOptions extends CommonOptions {
  readonly url?: string;
  readonly email: string;
  readonly passwordFile?: string;
  readonly schools: string;
  readonly rate: string;
  readonly seconds: string;
  readonly reference: boolean;
}

function quizCommand(): Command {
  const command = new Command("quiz")
    .description("play quizzes: load their classes and answer keys, and post their events to a gateway")
    .option(
      "--url <address>",
      "the gateway (default: where its own settings put it, PORT and CLUSTERFLOW_HOST)",
    )
    .option("--email <address>", "the writer who posts", USERS[0].email)
    .option("--password-file <path>", "file that holds the writer's password; else that of the demo's users")
    .option("--schools <count>", "each has three classes", "2")
    .option("--rate <count>", "events a second", "50")
    .option("--seconds <count>", "for so long", "60")
    .option("--no-reference", "without classes and answer keys, for which a database is needed");
  return withCommonOptions(withDatabaseOptions(command)).action(async (options: QuizOptions) => {
    const [schools, rate, seconds] = [
      count(options, "schools"),
      count(options, "rate"),
      count(options, "seconds"),
    ];
    const { loadQuizReference, modesText, playQuiz } = await import("../flows/demo/quiz.ts");
    const run = { tell: tellAfter([]), signal: interruption() };
    const sources = settingsSources(options, "ingest");
    const url = (options.url ?? loadGatewayUrl(sources)).replace(/\/+$/, "");
    if (options.reference) {
      const { settings, notices } = loadDatabaseSettings(sources);
      tellAfter(notices);
      await loadQuizReference(settings, schools, run);
    }
    const credentials = { email: options.email, password: passwordOf(options) };
    const summary = await playQuiz({ url, credentials, schools, rate, seconds }, run);
    const isJson = options.output === "json";
    if (!isJson)
      print(`${summary.posted} events posted in ${summary.seconds} s: ${modesText(summary.modes)}`);
    run.signal.throwIfAborted();
    if (isJson) printJson({ ok: true, ...summary });
  });
}

function count(options: QuizOptions, name: "schools" | "rate" | "seconds"): number {
  const value = Number(options[name]);
  if (/^[1-9]\d{0,5}$/.test(options[name])) return value;
  throw new ClusterflowError(`--${name} is no whole number from 1 to 999999`, {
    code: "usage",
    hint: "clusterflow demo quiz --schools 2 --rate 50 --seconds 60",
  });
}

function passwordOf({ passwordFile }: QuizOptions): string {
  if (passwordFile === undefined) return KNOWN_PASSWORD;
  const reading = readSecretFile(process.cwd(), passwordFile);
  if ("text" in reading) return reading.text;
  throw new ClusterflowError(`--password-file ${reading.trouble}`, {
    code: "usage",
    hint: `ls -l ${passwordFile}`,
  });
}
