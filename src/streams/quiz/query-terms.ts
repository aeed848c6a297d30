/** A column of the query's answer. `sql` is ours, over the aliases of `query.ts`; nothing of a client is ever in it. */
export interface Term {
  readonly sql: string;
  readonly about: string;
}
export interface Dimension extends Term {
  /** How a filter's value is bound. */
  readonly type: "text" | "boolean" | "timestamptz" | "integer";
}

const IN_TIME = "FILTER (WHERE a.is_late IS NOT TRUE)";
const RIGHT = "FILTER (WHERE a.is_correct AND a.is_late IS NOT TRUE)";
const WRONG = "FILTER (WHERE NOT a.is_correct AND a.is_late IS NOT TRUE)";
const JUDGED = `count(a.is_correct) ${IN_TIME}`;

/** Over the first answer of each student to each question of a session; unless said otherwise, those in time. */
export const MEASURES: Readonly<Record<string, Term>> = {
  total_answers: { sql: `count(*) ${IN_TIME}`, about: "answers in time" },
  correct_answers: { sql: `count(*) ${RIGHT}`, about: "right answers" },
  incorrect_answers: { sql: `count(*) ${WRONG}`, about: "wrong answers" },
  unjudged_answers: {
    sql: "count(*) FILTER (WHERE a.is_correct IS NULL AND a.is_late IS NOT TRUE)",
    about: "answers to questions without a key",
  },
  late_answers: { sql: "count(*) FILTER (WHERE a.is_late)", about: "answers after the timer" },
  accuracy: { sql: `quiz_reports.percent(count(*) ${RIGHT}, ${JUDGED})`, about: "right ones in percent" },
  error_rate: { sql: `quiz_reports.percent(count(*) ${WRONG}, ${JUDGED})`, about: "wrong ones in percent" },
  late_rate: {
    sql: "quiz_reports.percent(count(*) FILTER (WHERE a.is_late), count(*))",
    about: "late ones in percent of all",
  },
  unique_students: { sql: `count(DISTINCT a.student_id) ${IN_TIME}`, about: "students who answered" },
  unique_sessions: { sql: `count(DISTINCT a.session_id) ${IN_TIME}`, about: "sessions with answers" },
  unique_questions: { sql: `count(DISTINCT a.question_id) ${IN_TIME}`, about: "questions with answers" },
  unique_quizzes: { sql: `count(DISTINCT a.quiz_id) ${IN_TIME}`, about: "quizzes with answers" },
  unique_classrooms: { sql: `count(DISTINCT a.classroom_id) ${IN_TIME}`, about: "classrooms with answers" },
  average_latency_sec: { sql: `round(avg(a.latency_sec) ${IN_TIME}, 3)`, about: "mean seconds from publish" },
  min_latency_sec: { sql: `min(a.latency_sec) ${IN_TIME}`, about: "least seconds from publish" },
  max_latency_sec: { sql: `max(a.latency_sec) ${IN_TIME}`, about: "most seconds from publish" },
  median_latency_sec: {
    sql: `percentile_cont(0.5) WITHIN GROUP (ORDER BY a.latency_sec::double precision) ${IN_TIME}`,
    about: "median seconds from publish",
  },
  average_response_time_ms: {
    sql: `round(avg(a.response_time_ms) ${IN_TIME}, 3)`,
    about: "mean of what the devices measured",
  },
  answers_per_student: {
    sql: `round(count(*) ${IN_TIME} / nullif(count(DISTINCT a.student_id) ${IN_TIME}, 0)::numeric, 2)`,
    about: "answers for each student who answered",
  },
  answers_per_session: {
    sql: `round(count(*) ${IN_TIME} / nullif(count(DISTINCT a.session_id) ${IN_TIME}, 0)::numeric, 2)`,
    about: "answers for each session with answers",
  },
};

function of(sql: string, about: string, type: Dimension["type"] = "text"): Dimension {
  return { sql, about, type };
}
function start(unit: string): Dimension {
  return of(`date_trunc('${unit}', a.submitted_at, 'UTC')`, `begin of the ${unit}, UTC`, "timestamptz");
}

export const DIMENSIONS: Readonly<Record<string, Dimension>> = {
  student_id: of("a.student_id", "who answered"),
  student_name: of("student.name", "name, where it was loaded"),
  classroom_id: of("a.classroom_id", "the classroom"),
  classroom_name: of("classroom.name", "name, where it was loaded"),
  quiz_id: of("a.quiz_id", "the quiz"),
  quiz_title: of("quiz.title", "title, where it was loaded"),
  quiz_description: of("quiz.description", "description, where it was loaded"),
  session_id: of("a.session_id", "the session"),
  question_id: of("a.question_id", "the question"),
  answer: of("a.answer", "as it was given"),
  is_correct: of("a.is_correct", "null without a key", "boolean"),
  is_late: of("a.is_late", "null without the question", "boolean"),
  is_enrolled: of("a.is_enrolled", "whether the student is of the classroom", "boolean"),
  minute: start("minute"),
  hour: start("hour"),
  day: start("day"),
  week: start("week"),
  month: start("month"),
  hour_of_day: of("extract(hour FROM a.submitted_at AT TIME ZONE 'UTC')::integer", "0 to 23, UTC", "integer"),
  day_of_week: of(
    "extract(isodow FROM a.submitted_at AT TIME ZONE 'UTC')::integer",
    "1 Monday to 7 Sunday, UTC",
    "integer",
  ),
};
