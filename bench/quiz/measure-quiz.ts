import { report } from "../measure/cli.ts";
import { measureRun, type Figures } from "../measure/run.ts";
import { quizConsume, quizCopy } from "./contestants.ts";
import { quizTopic } from "./prepare.ts";

/** The rounds of COPY, and those of the consumer; they take turns. */
export async function measureQuiz(events: number, rounds: number): Promise<readonly Figures[][]> {
  const contestants = [quizCopy(events), quizConsume(await quizTopic(events))];
  const found: Figures[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, contestant] of contestants.entries()) {
      const figures = await measureRun(contestant, events);
      found[at]!.push(figures);
      report(`round ${round + 1}: ${figures.name}: ${Math.round(figures.rate)} rows/s`);
    }
  }
  return found;
}
