import type { JsonObject } from "../../../src/core/json.ts";
import type { QuizWorld } from "../../../src/streams/quiz/generate.ts";

/** What the reports have to say, worked out from the events one by one, slowly and without SQL. */

interface Event {
  readonly event_id: string;
  readonly event_type: string;
  readonly timestamp: string;
  readonly session_id: string;
  readonly quiz_id: string;
  readonly classroom_id: string;
  readonly question_id: string;
  readonly student_id: string;
  readonly answer: string;
  readonly timer_sec?: number;
}
interface Publication {
  readonly question: string;
  readonly at: number;
  readonly until: number;
}
interface Given {
  readonly session: string;
  readonly quiz: string;
  readonly room: string;
  readonly question: string;
  readonly student: string;
  readonly answer: string;
  readonly at: number;
  readonly latency: number | null;
  readonly late: boolean;
  readonly correct: boolean | null;
  readonly enrolled: boolean;
}

export interface SessionFacts {
  readonly id: string;
  readonly quiz: string;
  readonly room: string;
  readonly at: number;
}

const timeOf = ({ timestamp }: Event): number => Date.parse(timestamp);
/** Half upwards, as PostgreSQL rounds decimals, also where a double is a hair below the half. */
export const round = (value: number, digits = 2): number =>
  Math.round(Number((value * 10 ** digits).toFixed(6))) / 10 ** digits;
export const percent = (part: number, whole: number): number | null =>
  whole === 0 ? null : round((100 * part) / whole);
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
export const mean = (values: readonly number[], digits = 2): number | null =>
  values.length === 0 ? null : round(sum(values) / values.length, digits);
export const distinct = (values: readonly string[]): string[] => [...new Set(values)].sort();

export function difficulty(accuracy: number | null): string | null {
  if (accuracy === null) return null;
  if (accuracy >= 80) return "Easy";
  if (accuracy >= 60) return "Medium";
  return accuracy >= 40 ? "Hard" : "Very Hard";
}

export class Oracle {
  readonly #events: readonly Event[];
  readonly #reference: QuizWorld["reference"];
  /** First answers, the late ones too. */
  readonly first: readonly Given[];
  readonly sessions: readonly SessionFacts[];

  constructor(events: readonly JsonObject[], reference: QuizWorld["reference"]) {
    const known = new Map<string, Event>();
    for (const event of events as unknown as readonly Event[])
      if (!known.has(event.event_id)) known.set(event.event_id, event);
    this.#events = [...known.values()].sort(
      (a, b) => timeOf(a) - timeOf(b) || (a.event_id < b.event_id ? -1 : 1),
    );
    this.#reference = reference;
    this.sessions = this.#findSessions();
    this.first = this.#judge();
  }

  get counted(): readonly Given[] {
    return this.first.filter(({ late }) => !late);
  }

  enrolled(room: string): string[] {
    const rows = this.#reference["classroom_students"] ?? [];
    return rows
      .filter((row) => row["classroom_id"] === room)
      .map((row) => row["student_id"] as string)
      .sort();
  }

  nameOf(student: string): string | null {
    const row = (this.#reference["students"] ?? []).find(({ student_id: id }) => id === student);
    return (row?.["name"] as string | undefined) ?? null;
  }

  publications(session: string): Publication[] {
    const found = new Map<string, Publication>();
    for (const event of this.#events) {
      if (event.event_type !== "QUESTION_PUBLISHED" || event.session_id !== session) continue;
      const timer = event.timer_sec ?? 0;
      const until = timer === 0 ? Infinity : timeOf(event) + timer * 1000;
      const before = found.get(event.question_id);
      found.set(event.question_id, {
        question: event.question_id,
        at: before?.at ?? timeOf(event),
        until: Math.max(before?.until ?? 0, until),
      });
    }
    return [...found.values()].sort((a, b) => a.at - b.at || (a.question < b.question ? -1 : 1));
  }

  /** Rates of several sessions together. */
  totals(sessions: readonly SessionFacts[]): { readonly expected: number; readonly answered: number } {
    const expected = sum(
      sessions.map(({ id, room }) => this.publications(id).length * this.enrolled(room).length),
    );
    const given = this.counted.filter(
      ({ session, enrolled, latency }) =>
        enrolled && latency !== null && sessions.some(({ id }) => id === session),
    );
    return { expected, answered: given.length };
  }

  questionsOf(quiz: string): string[] {
    const loaded = (this.#reference["questions"] ?? []).filter((row) => row["quiz_id"] === quiz);
    return loaded.map((row) => row["question_id"] as string);
  }

  publishedOf(quiz: string, question: string): number {
    const sessions = this.#events.filter(
      (event) =>
        event.event_type === "QUESTION_PUBLISHED" && event.quiz_id === quiz && event.question_id === question,
    );
    return distinct(sessions.map(({ session_id }) => session_id)).length;
  }

  #findSessions(): SessionFacts[] {
    const found = new Map<string, SessionFacts>();
    for (const type of ["SESSION_STARTED", "QUESTION_PUBLISHED"])
      for (const event of this.#events)
        if (event.event_type === type && !found.has(event.session_id)) {
          const { session_id: id, quiz_id: quiz, classroom_id: room } = event;
          found.set(id, { id, quiz, room, at: timeOf(event) });
        }
    return [...found.values()].sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
  }

  #judge(): Given[] {
    const seen = new Set<string>();
    return this.#events.flatMap((event) => {
      if (event.event_type !== "ANSWER_SUBMITTED") return [];
      const { session_id: session, question_id: question, student_id: student, answer } = event;
      const fact = JSON.stringify([session, question, student]);
      if (seen.has(fact)) return [];
      seen.add(fact);
      const publication = this.publications(session).find((one) => one.question === question);
      const keys = (this.#reference["question_answer_keys"] ?? []).filter(
        (row) => row["question_id"] === question,
      );
      const at = timeOf(event);
      return {
        ...{ session, question, student, answer, at, quiz: event.quiz_id, room: event.classroom_id },
        latency: publication === undefined ? null : (at - publication.at) / 1000,
        late: publication !== undefined && at > publication.until,
        correct: keys.length === 0 ? null : keys.some((row) => row["answer"] === answer),
        enrolled: this.enrolled(event.classroom_id).includes(student),
      };
    });
  }
}

/** Right ones, and the share of those that can be judged. */
export function scoreOf(answers: readonly Given[]): {
  readonly right: number;
  readonly accuracy: number | null;
} {
  const right = answers.filter(({ correct }) => correct === true).length;
  return { right, accuracy: percent(right, answers.filter(({ correct }) => correct !== null).length) };
}
