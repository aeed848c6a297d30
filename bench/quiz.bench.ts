import { expect, it } from "vitest";
import { MESSAGES, ROUNDS } from "./load/events.ts";
import { report } from "./measure/cli.ts";
import { mediansOf } from "./measure/medians.ts";
import { figuresTable, goalsTable } from "./measure/table.ts";
import { measureQuiz } from "./quiz/measure-quiz.ts";

it("brings quiz events into their three tables, beside COPY of the same rows", async () => {
  const rounds = await measureQuiz(MESSAGES, ROUNDS);
  const medians = rounds.map(mediansOf);
  report(`${MESSAGES} events, medians of ${ROUNDS}\n${figuresTable(medians)}\n`);
  const [copied, consumed] = medians;
  const ratio = consumed!.rate / copied!.rate;
  report(goalsTable([{ what: "quiz-events / COPY of the same rows", value: ratio, atLeast: 0.6 }]));
  for (const { name, lost, doubled, content } of medians)
    expect({ name, lost, doubled, content }).toEqual({
      ...{ name, lost: 0, doubled: 0 },
      content: copied!.content,
    });
});
