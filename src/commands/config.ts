import { Command, Option } from "commander";
import { explainSettings, type Explanation } from "../config/explain.ts";
import { ROLES, type Role } from "../config/role.ts";
import { ClusterflowError } from "../core/errors.ts";
import { print, printJson, remark } from "../terminal/streams.ts";
import { table } from "../terminal/table.ts";
import { settingsInput, withDatabaseOptions, withKafkaOptions, type CommonOptions } from "./options.ts";

interface ConfigOptions extends CommonOptions {
  readonly role: Role;
  readonly origin?: boolean;
}

export function configCommand(): Command {
  const command = new Command("config").description("show and check the settings that a command would run with");
  command.addCommand(showCommand());
  command.addCommand(validateCommand());
  return command;
}

function showCommand(): Command {
  const command = new Command("show")
    .description("every setting of a role with its value; secrets are ***")
    .option("--origin", "and where it comes from");
  return withSettings(command).action((options: ConfigOptions) => {
    const explanation = explainSettings(settingsInput(options), options.role);
    if (options.output === "json") printJson({ ok: explanation.problems.length === 0, ...explanation });
    else tell(explanation, options.origin === true);
    if (explanation.problems.length > 0) process.exitCode = 2;
  });
}

function validateCommand(): Command {
  const command = new Command("validate").description("check the settings of a role; asks no server");
  return withSettings(command).action((options: ConfigOptions) => {
    const { problems, notices } = explainSettings(settingsInput(options), options.role);
    if (problems.length > 0) throw unfit(problems, options.role);
    if (options.output === "json") printJson({ ok: true, role: options.role, notices });
    else {
      notices.forEach((notice) => remark(notice));
      print(`OK: the settings of the ${options.role} are complete and fit`);
    }
  });
}
