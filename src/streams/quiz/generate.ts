import type { JsonObject } from "../../core/json.ts";

export interface QuizWorld {
  /** Rows by table, in an order in which foreign keys hold. */
  readonly reference: Readonly<Record<string, readonly JsonObject[]>>;
  /** As clients post them, in the order in which they are sent: nearly, not quite, that of their times. */
  readonly events: readonly JsonObject[];
}

export interface GenerateOptions {
  readonly schools: number;
  /** The same seed makes the same world. */
  readonly seed: number;
  /** When the first session begins, in milliseconds since 1970. */
  readonly at: number;
}

const CLASSROOMS = 3;
const STUDENTS = 12;
const QUIZZES = 2;
const QUESTIONS = 5;
const SESSIONS = 2;
const TIMER_SEC = 30;
const ANSWERS = ["A", "B", "C", "D"];

/**
 * Schools whose classes play quizzes: most answers in time, some late, some never given, some that overtake their
 * question on the way. No clock and no chance but `at` and `seed`.
 */
export function generateQuiz({ schools, seed, at }: GenerateOptions): QuizWorld {
  const chance = chanceOf(seed);
  const quizzes = Array.from({ length: QUIZZES }, (_, quiz) => makeQuiz(quiz, chance));
  const classes = Array.from({ length: schools * CLASSROOMS }, (_, index) => makeClass(index));
  const sent = classes.flatMap((room, index) =>
    Array.from({ length: SESSIONS }, (_, run) => {
      const quiz = quizzes[(index + run) % QUIZZES];
      return quiz === undefined ? [] : playSession({ room, quiz, run, at: at + run * 86_400_000, chance });
    }).flat(),
  );
  sent.sort((one, other) => one.sentAt - other.sentAt);
  return { reference: referenceOf(quizzes, classes), events: sent.map(({ event }) => event) };
}

interface Quiz {
  readonly id: string;
  readonly title: string;
  readonly questions: readonly { readonly id: string; readonly key: string }[];
}
interface Classroom {
  readonly id: string;
  readonly name: string;
  readonly students: readonly string[];
}
type Chance = () => number;

function makeQuiz(index: number, chance: Chance): Quiz {
  const id = `quiz-${index + 1}`;
  const questions = Array.from({ length: QUESTIONS }, (_, question) => ({
    id: `${id}-q${question + 1}`,
    key: oneOf(ANSWERS, chance),
  }));
  return { id, title: `Quiz ${index + 1}`, questions };
}

function makeClass(index: number): Classroom {
  const id = `school-${Math.floor(index / CLASSROOMS) + 1}-class-${(index % CLASSROOMS) + 1}`;
  return {
    id,
    name: `Class ${(index % CLASSROOMS) + 1}`,
    students: Array.from({ length: STUDENTS }, (_, student) => `${id}-s${student + 1}`),
  };
}

function referenceOf(quizzes: readonly Quiz[], classes: readonly Classroom[]): QuizWorld["reference"] {
  const questions = quizzes.flatMap((quiz) => quiz.questions.map((question) => ({ ...question, quiz })));
  const enrolled = classes.flatMap((room) => room.students.map((student) => ({ room, student })));
  return {
    quizzes: quizzes.map(({ id, title }) => ({ quiz_id: id, title })),
    questions: questions.map(({ id, quiz }) => ({ question_id: id, quiz_id: quiz.id })),
    question_answer_keys: questions.map(({ id, key }) => ({ question_id: id, answer: key })),
    classrooms: classes.map(({ id, name }) => ({ classroom_id: id, name })),
    students: enrolled.map(({ student }) => ({ student_id: student, name: `Student ${student}` })),
    classroom_students: enrolled.map(({ room, student }) => ({ classroom_id: room.id, student_id: student })),
  };
}

interface Sent {
  readonly sentAt: number;
  readonly event: JsonObject;
}
interface Play {
  readonly room: Classroom;
  readonly quiz: Quiz;
  readonly run: number;
  readonly at: number;
  readonly chance: Chance;
}

function playSession({ room, quiz, run, at, chance }: Play): readonly Sent[] {
  const session = `${room.id}-session-${run + 1}`;
  const begin = at + Math.floor(chance() * 600_000);
  const common = { session_id: session, quiz_id: quiz.id, classroom_id: room.id };
  const event = (id: string, type: string, time: number, own: JsonObject): JsonObject => ({
    event_id: `${session}-${id}`,
    event_type: type,
    timestamp: new Date(time).toISOString(),
    ...common,
    ...own,
  });
  const sent: Sent[] = [{ sentAt: begin, event: event("start", "SESSION_STARTED", begin, {}) }];
  for (const [index, { id, key }] of quiz.questions.entries()) {
    const published = begin + (index + 1) * 45_000;
    const question = { question_id: id, timer_sec: TIMER_SEC };
    // one question of eight is held up on its way, so that the first answers overtake it
    const delay = chance() < 1 / 8 ? 8_000 : 0;
    sent.push({
      sentAt: published + delay,
      event: event(`q${index}`, "QUESTION_PUBLISHED", published, question),
    });
    for (const student of room.students) {
      const given = giveAnswer(key, chance);
      if (given === null) continue;
      const own = { question_id: id, student_id: student, answer: given.answer, response_time_ms: given.ms };
      const time = published + given.ms;
      sent.push({ sentAt: time, event: event(`a${index}-${student}`, "ANSWER_SUBMITTED", time, own) });
    }
  }
  return sent;
}

/** One in ten says nothing, one in twenty is too late, two of three are right. */
function giveAnswer(key: string, chance: Chance): { readonly answer: string; readonly ms: number } | null {
  if (chance() < 0.1) return null;
  const limit = TIMER_SEC * 1000;
  const ms = Math.floor(chance() < 0.05 ? limit + 1 + chance() * 10_000 : 1_000 + chance() * (limit - 1_000));
  return { answer: chance() < 2 / 3 ? key : oneOf(ANSWERS, chance), ms };
}

function oneOf(texts: readonly string[], chance: Chance): string {
  return texts[Math.floor(chance() * texts.length)] ?? "";
}

/** Numbers that look like chance and are the same for the same seed (mulberry32). */
function chanceOf(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
