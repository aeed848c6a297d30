import { Command, Option } from "commander";
import { loadDatabaseSettings } from "../config/database.ts";
import { emailOf } from "../core/credentials.ts";
import { ClusterflowError } from "../core/errors.ts";
import { interruption } from "../terminal/interrupt.ts";
import { print, printJson } from "../terminal/streams.ts";
import { table } from "../terminal/table.ts";
import { givenPassword } from "./given-password.ts";
import {
  settingsInput,
  tellAfter,
  withCommonOptions,
  withDatabaseOptions,
  type CommonOptions,
} from "./options.ts";

interface AddOptions extends CommonOptions {
  readonly email: string;
  readonly role: "writer" | "reader";
  readonly name?: string;
  readonly passwordFile?: string;
  readonly replace?: boolean;
}

export function usersCommand(): Command {
  const command = new Command("users").description("who may log in at the gateway of clusterflow ingest");
  command.addCommand(addCommand());
  command.addCommand(listCommand());
  command.addCommand(removeCommand());
  return command;
}

function addCommand(): Command {
  const role = new Option("--role <role>", "writer: posts events; reader: asks for reports");
  const command = new Command("add")
    .description("make a user; the password is asked for, or read from stdin or a file")
    .requiredOption("--email <address>", "under which the user logs in")
    .addOption(role.choices(["writer", "reader"]).makeOptionMandatory())
    .option("--name <name>", "as people call the user; the address when left out")
    .option("--password-file <path>", "file that holds the password")
    .option("--replace", "change the user who has this address");
  return withDatabase(command).action(async (options: AddOptions) => {
    const run = begin(options);
    const email = addressOf(options.email);
    const password = await givenPassword(options.passwordFile ?? null, options.output);
    const { addUser } = await import("../flows/users.ts");
    const user = { email, role: options.role, name: options.name ?? email, password };
    await addUser(run.settings, user, options.replace === true, run);
    if (options.output === "json") printJson({ ok: true, email, role: options.role });
    else print(`${email} may log in as ${options.role}`);
  });
}

function listCommand(): Command {
  const command = new Command("list").description("everybody who may log in");
  return withDatabase(command).action(async (options: CommonOptions) => {
    const run = begin(options);
    const { listUsers } = await import("../flows/users.ts");
    const users = (await listUsers(run.settings, run)).map(({ email, name, role, createdAt }) => ({
      ...{ email, name, role },
      created_at: createdAt.toISOString(),
    }));
    if (options.output === "json") printJson({ ok: true, users });
    else
      print(
        table(
          ["email", "name", "role", "since"],
          users.map((user) => Object.values(user)),
        ),
      );
  });
}

function removeCommand(): Command {
  const command = new Command("remove")
    .description("the user cannot log in any more; a token that was given is good for its day")
    .requiredOption("--email <address>", "of the user");
  return withDatabase(command).action(async (options: CommonOptions & { readonly email: string }) => {
    const run = begin(options);
    const email = addressOf(options.email);
    const { removeUser } = await import("../flows/users.ts");
    await removeUser(run.settings, email, run);
    if (options.output === "json") printJson({ ok: true, email });
    else print(`${email} may not log in any more`);
  });
}

function withDatabase(command: Command): Command {
  return withCommonOptions(withDatabaseOptions(command));
}

function begin(options: CommonOptions): {
  readonly settings: ReturnType<typeof loadDatabaseSettings>["settings"];
  readonly tell: ReturnType<typeof tellAfter>;
  readonly signal: AbortSignal;
} {
  const { settings, notices } = loadDatabaseSettings(settingsInput(options));
  return { settings, tell: tellAfter(notices), signal: interruption() };
}

function addressOf(text: string): string {
  const email = emailOf(text);
  if (email !== null) return email;
  throw new ClusterflowError("--email is not an e-mail address", {
    code: "usage",
    hint: "as in somebody@example.com; clusterflow users list shows those that there are",
  });
}
