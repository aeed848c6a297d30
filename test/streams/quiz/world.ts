import type { JsonObject } from "../../../src/core/json.ts";
import type { Connection } from "../../../src/postgres/connection.ts";
import { generateQuiz, type QuizWorld } from "../../../src/streams/quiz/generate.ts";

const BEGIN = "2026-01-31T10:00:00Z";
const DAY_MS = 86_400_000;

/** Events of one made-up session by seconds from its begin. */
function scene(
  session: string,
  room: string,
  begin: number,
  lines: readonly (readonly [string, number, JsonObject])[],
) {
  return lines.map(([type, second, own], index): JsonObject => ({
    event_id: `${session}/${index}`,
    event_type: type,
    timestamp: new Date(begin + second * 1000).toISOString(),
    ...{ session_id: session, quiz_id: "quiz-1", classroom_id: room },
    ...own,
  }));
}
const S = "SESSION_STARTED";
const Q = "QUESTION_PUBLISHED";
const A = "ANSWER_SUBMITTED";

/** Generated schools, and beside them everything that the reports of the system before this one got wrong. */
export function makeWorld(): QuizWorld & { readonly asOf: string } {
  const at = Date.parse(BEGIN);
  const { reference, events } = generateQuiz({ schools: 1, seed: 11, at });
  const room = "school-1-class-1";
  const [one, two] = [`${room}-s1`, `${room}-s2`];
  // a second run of quiz-1 in a class that has had it: nothing of it may touch the first
  const again = scene("again", room, at + 2 * DAY_MS, [
    [S, 0, {}],
    [A, 20, { question_id: "quiz-1-q1", student_id: one, answer: "A" }],
    [Q, 10, { question_id: "quiz-1-q1", timer_sec: 15 }],
    [A, 25, { question_id: "quiz-1-q1", student_id: two, answer: "B" }],
    [A, 25.001, { question_id: "quiz-1-q1", student_id: `${room}-s3`, answer: "C" }],
    // answered twice: the first one counts
    [A, 24, { question_id: "quiz-1-q1", student_id: two, answer: "D" }],
    [A, 21, { question_id: "quiz-1-q1", student_id: "guest", answer: "A" }],
    // without a timer nothing is late
    [Q, 40, { question_id: "quiz-1-q2" }],
    [A, 4000, { question_id: "quiz-1-q2", student_id: one, answer: "A" }],
    // never loaded, so it has no key; published twice, the second time with a later end
    [Q, 50, { question_id: "strange", timer_sec: 10 }],
    [Q, 65, { question_id: "strange", timer_sec: 10 }],
    [A, 74, { question_id: "strange", student_id: one, answer: "A" }],
    // never published
    [A, 80, { question_id: "lost", student_id: one, answer: "A" }],
  ]);
  const empty = scene("of nobody", "empty class", at + 2 * DAY_MS, [
    [S, 0, {}],
    [Q, 5, { question_id: "quiz-1-q1", timer_sec: 10 }],
    [A, 7, { question_id: "quiz-1-q1", student_id: "guest", answer: "A" }],
  ]);
  // its start was never heard of, and its one student says nothing
  const headless = scene("headless", "class of one", at + DAY_MS, [
    [Q, 5, { question_id: "quiz-1-q1", timer_sec: 10 }],
    [Q, 35, { question_id: "quiz-1-q2", timer_sec: 10 }],
    [Q, 65, { question_id: "quiz-1-q3", timer_sec: 10 }],
  ]);
  const rooms = ["empty class", "class of one"].map((name) => ({ classroom_id: name, name }));
  return {
    asOf: new Date(at + 2 * DAY_MS + 3600_000).toISOString(),
    events: [...events, ...again, ...empty, ...headless, ...again],
    reference: {
      ...reference,
      classrooms: [...(reference["classrooms"] ?? []), ...rooms],
      students: [...(reference["students"] ?? []), { student_id: "only" }],
      classroom_students: [
        ...(reference["classroom_students"] ?? []),
        { classroom_id: "class of one", student_id: "only" },
      ],
      // a second right answer
      question_answer_keys: [
        ...(reference["question_answer_keys"] ?? []).filter(({ question_id: id }) => id !== "quiz-1-q1"),
        { question_id: "quiz-1-q1", answer: "A" },
        { question_id: "quiz-1-q1", answer: "D" },
      ],
    },
  };
}

export async function loadReference(
  connection: Connection,
  reference: QuizWorld["reference"],
): Promise<void> {
  for (const [table, rows] of Object.entries(reference)) {
    const sql = `INSERT INTO public.${table} SELECT * FROM jsonb_populate_recordset(NULL::public.${table}, $1::text::jsonb)`;
    await connection.query(sql, [JSON.stringify(rows)]);
  }
}
