import { paged, range, report, type Report, type ReportParameter, type Shape } from "./report-define.ts";

const SESSION: ReportParameter = { name: "session_id", type: "id", default: null };
const QUESTION: ReportParameter = { name: "question_id", type: "id", default: null };
const STUDENT: ReportParameter = { name: "student_id", type: "id", default: null };
const CLASSROOM: ReportParameter = { name: "classroom_id", type: "id", default: null };
const QUIZ: ReportParameter = { name: "quiz_id", type: "id", default: null };
/** Ranges end at this time. */
const AS_OF: ReportParameter = { name: "as_of", type: "time", default: null };
const SCORES: Shape = {
  student_id: "text",
  student_name: "text?",
  questions_attempted: "integer",
  correct_answers: "integer",
  accuracy: "number?",
};
const RANKED: Shape = { rank: "integer", percentile: "number", ...SCORES };
const SESSION_ROW: Shape = {
  session_id: "text",
  started_at: "time",
  total_questions: "integer",
  participants: "integer",
  response_rate: "number?",
  accuracy: "number?",
};
const IN_SESSION: Shape = { session_id: "text", question_id: "text" };

/** Of one session. */
const SESSION_REPORTS: readonly Report[] = [
  paged("active-participants", "who answered lately", [SESSION, range("time_range", "60m"), AS_OF], {
    head: { session_id: "text", active_participants: "integer", average_accuracy: "number?" },
    row: {
      student_id: "text",
      student_name: "text?",
      answers: "integer",
      correct: "integer",
      accuracy: "number?",
      last_answer_at: "time",
    },
  }),
  report("questions-per-minute", "how fast questions follow each other", [SESSION], {
    session_id: "text",
    total_questions: "integer",
    span_minutes: "number",
    questions_per_minute: "number",
    peak_questions_per_minute: "integer",
  }),
  report("response-rate", "enrolled students who answered a question", [SESSION, QUESTION], {
    ...IN_SESSION,
    total_students: "integer",
    students_answered: "integer",
    guests_answered: "integer",
    response_rate: "number?",
  }),
  report("latency-analysis", "seconds from a question to its answers", [SESSION, QUESTION], {
    ...IN_SESSION,
    answers: "integer",
    first_response_sec: "number?",
    mean_response_sec: "number?",
    median_response_sec: "number?",
  }),
  report("timeout-analysis", "enrolled students who did not answer in time", [SESSION, QUESTION], {
    ...IN_SESSION,
    total_students: "integer",
    students_answered: "integer",
    timed_out: "integer",
    late_answers: "integer",
    timeout_rate: "number?",
  }),
  report("completion-rate", "enrolled students who answered every question", [SESSION], {
    session_id: "text",
    total_questions: "integer",
    total_students: "integer",
    students_participated: "integer",
    students_completed: "integer",
    completion_rate: "number?",
    average_completion: "number?",
  }),
  report("dropoff-analysis", "where students stopped to answer", [SESSION], {
    session_id: "text",
    total_students: "integer",
    critical_points: "integer",
    questions: [
      {
        position: "integer",
        question_id: "text",
        published_at: "time",
        students_answered: "integer",
        response_rate: "number?",
        drop_off: "number?",
        is_critical: "boolean",
      },
    ],
  }),
  paged("session-student-rankings", "the students of a session, the best first", [SESSION], {
    head: { session_id: "text" },
    row: RANKED,
  }),
];

/** Of a classroom or a student. */
const CLASS_REPORTS: readonly Report[] = [
  report("student-performance", "what a student did in a classroom", [STUDENT, CLASSROOM], {
    student_id: "text",
    classroom_id: "text",
    student_name: "text?",
    questions_attempted: "integer",
    correct_answers: "integer",
    unjudged_answers: "integer",
    late_answers: "integer",
    accuracy: "number?",
  }),
  report("classroom-engagement", "who takes part", [CLASSROOM, range("date_range", "7d"), AS_OF], {
    classroom_id: "text",
    total_students: "integer",
    active_students: "integer",
    sessions: "integer",
    engagement_rate: "number?",
    response_rate: "number?",
  }),
  paged("student-performance-list", "the students of a classroom", [CLASSROOM], {
    head: { classroom_id: "text" },
    row: SCORES,
  }),
  paged(
    "classroom-engagement-history",
    "who took part, by day",
    [CLASSROOM, range("date_range", "30d"), AS_OF],
    {
      head: { classroom_id: "text" },
      row: {
        date: "date",
        sessions: "integer",
        total_students: "integer",
        active_students: "integer",
        engagement_rate: "number?",
        response_rate: "number?",
      },
    },
  ),
  paged("classroom-sessions", "the sessions of a classroom, the newest first", [CLASSROOM], {
    head: { classroom_id: "text" },
    row: { ...SESSION_ROW, quiz_id: "text", quiz_title: "text?" },
  }),
  paged("classroom-student-rankings", "the students of a classroom, the best first", [CLASSROOM], {
    head: { classroom_id: "text" },
    row: RANKED,
  }),
  report("classroom-overview", "a classroom in a few numbers", [CLASSROOM], {
    classroom_id: "text",
    name: "text?",
    total_students: "integer",
    total_sessions: "integer",
    total_quizzes: "integer",
    last_session_at: "time?",
    accuracy: "number?",
    response_rate: "number?",
    engagement_level: "text?",
  }),
  report("class-performance-summary", "how well the students of a classroom answer", [CLASSROOM], {
    classroom_id: "text",
    total_students: "integer",
    students_with_answers: "integer",
    total_answers: "integer",
    average_accuracy: "number?",
    highest_accuracy: "number?",
    lowest_accuracy: "number?",
    students_at_80: "integer",
    students_at_60: "integer",
    students_below_60: "integer",
  }),
  report("student-activity-summary", "what a student did everywhere", [STUDENT], {
    student_id: "text",
    student_name: "text?",
    classrooms: "integer",
    sessions_participated: "integer",
    quizzes_participated: "integer",
    questions_attempted: "integer",
    correct_answers: "integer",
    accuracy: "number?",
    mean_response_sec: "number?",
    first_answer_at: "time?",
    last_answer_at: "time?",
  }),
];

/** Of a quiz. */
const QUIZ_REPORTS: readonly Report[] = [
  report("content-effectiveness", "accuracy and engagement in one score", [QUIZ], {
    quiz_id: "text",
    sessions: "integer",
    total_answers: "integer",
    accuracy: "number?",
    engagement_rate: "number?",
    effectiveness_score: "number?",
    rating: "text?",
  }),
  paged("quiz-questions-list", "the questions of a quiz", [QUIZ], {
    head: { quiz_id: "text" },
    row: {
      question_id: "text",
      times_published: "integer",
      total_answers: "integer",
      accuracy: "number?",
      difficulty: "text?",
    },
  }),
  paged("quiz-sessions", "the sessions of a quiz, the newest first", [QUIZ], {
    head: { quiz_id: "text" },
    row: { ...SESSION_ROW, classroom_id: "text", classroom_name: "text?" },
  }),
  report("quiz-summary", "a quiz in a few numbers", [QUIZ], {
    quiz_id: "text",
    title: "text?",
    total_questions: "integer",
    total_sessions: "integer",
    total_classrooms: "integer",
    total_answers: "integer",
    accuracy: "number?",
    response_rate: "number?",
    difficulty: "text?",
  }),
  report("question-analysis", "a question over all sessions of its quiz", [QUESTION, QUIZ], {
    question_id: "text",
    quiz_id: "text",
    total_answers: "integer",
    correct_answers: "integer",
    late_answers: "integer",
    accuracy: "number?",
    mean_response_sec: "number?",
    difficulty: "text?",
    answer_distribution: [{ answer: "text", answers: "integer", is_correct: "boolean?" }],
  }),
];

export const REPORTS: readonly Report[] = [...SESSION_REPORTS, ...CLASS_REPORTS, ...QUIZ_REPORTS];
