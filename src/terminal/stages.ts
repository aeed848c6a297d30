import { Chalk, supportsColorStderr } from "chalk";
import ora from "ora";
import { environment } from "../config/env.ts";
import { formatDuration } from "../core/duration.ts";
import { say, speaksJson } from "./log.ts";

/** Tells the stages of a longer run, one line each; on a terminal the running one turns. */
export interface Stages {
  /** Runs one stage; its line ends with what it returns, or with FAIL when it throws. */
  run<T>(title: string, work: () => Promise<readonly [T, string]>): Promise<T>;
}

/** Motion only on a terminal, colour only where stderr wants it (NO_COLOR, TERM=dumb, no terminal). */
export function stagesOnStderr(): Stages {
  const isPlain = speaksJson() || (environment()["NO_COLOR"] ?? "") !== "" || supportsColorStderr === false;
  const paint = new Chalk({ level: isPlain ? 0 : 1 });
  return {
    async run(title, work) {
      const begun = Date.now();
      const spinner =
        process.stderr.isTTY && !speaksJson()
          ? ora({ text: title, stream: process.stderr, discardStdin: false }).start()
          : null;
      try {
        const [result, said] = await work();
        spinner?.stop();
        say(
          "info",
          `${paint.green("OK  ")} ${title.padEnd(10)} ${said} ${paint.dim(`(${formatDuration(Date.now() - begun)})`)}`,
        );
        return result;
      } catch (error) {
        spinner?.stop();
        say("error", title, { mark: `${paint.red("FAIL")} ` });
        throw error;
      }
    },
  };
}
