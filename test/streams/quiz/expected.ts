import {
  difficulty,
  distinct,
  mean,
  percent,
  round,
  scoreOf,
  sum,
  type Oracle,
  type SessionFacts,
} from "./oracle.ts";

type Asked = Readonly<Record<string, string>>;
type Answer = Record<string, unknown>;
/** An answer of every report, in the oracle's words. */
export type Expected = (oracle: Oracle, asked: Asked, asOf: number) => Answer;

const iso = (ms: number): string => new Date(ms).toISOString();
const labelled = (
  accuracy: number | null,
  [high, middle, low]: readonly [string, string, string],
): string | null => {
  if (accuracy === null) return null;
  if (accuracy >= 80) return high;
  return accuracy >= 60 ? middle : low;
};
const RANGES: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const rangeMs = (text: string): number => Number(text.slice(0, -1)) * RANGES[text.slice(-1)]!;

function scores(oracle: Oracle, answers: Oracle["counted"], students: readonly string[]): Answer[] {
  return students.map((student) => {
    const own = answers.filter((one) => one.student === student);
    return {
      student_id: student,
      student_name: oracle.nameOf(student),
      questions_attempted: own.length,
      correct_answers: scoreOf(own).right,
      accuracy: scoreOf(own).accuracy,
    };
  });
}

function ranked(rows: readonly Answer[]): Answer[] {
  const isBetter = (one: Answer, other: Answer): boolean => {
    const [mine, theirs] = [one["correct_answers"] as number, other["correct_answers"] as number];
    const accuracy = (row: Answer): number => (row["accuracy"] as number | null) ?? -1;
    return mine !== theirs ? mine > theirs : accuracy(one) > accuracy(other);
  };
  return rows
    .map((row) => {
      const ahead = rows.filter((other) => isBetter(other, row)).length;
      const others = Math.max(1, rows.length - 1);
      return { ...row, rank: ahead + 1, percentile: round(100 * (1 - ahead / others)) };
    })
    .sort((a, b) => a.rank - b.rank);
}

function sessionRow(oracle: Oracle, { id, at, room }: SessionFacts): Answer {
  const answers = oracle.counted.filter(({ session }) => session === id);
  const { expected, answered } = oracle.totals([{ id, at, room, quiz: "" }]);
  return {
    session_id: id,
    started_at: iso(at),
    total_questions: oracle.publications(id).length,
    participants: distinct(answers.map(({ student }) => student)).length,
    response_rate: percent(answered, expected),
    accuracy: scoreOf(answers).accuracy,
  };
}

function questionOf(oracle: Oracle, { session_id: session, question_id: question }: Asked) {
  const room = oracle.sessions.find(({ id }) => id === session)?.room ?? "";
  const answers = oracle.first.filter((one) => one.session === session && one.question === question);
  const inTime = answers.filter(({ late }) => !late);
  const enrolled = oracle.enrolled(room).length;
  return { answers, inTime, enrolled, answered: inTime.filter((one) => one.enrolled).length };
}

/** Engagement over sessions: who answered at all, and how much of what could be answered. */
function engagement(oracle: Oracle, room: string, sessions: readonly SessionFacts[]): Answer {
  const total = oracle.enrolled(room).length;
  const ids = sessions.map(({ id }) => id);
  const given = oracle.counted.filter(({ session, enrolled }) => ids.includes(session) && enrolled);
  const active = distinct(given.map(({ student }) => student)).length;
  const { expected, answered } = oracle.totals(sessions);
  return {
    total_students: total,
    active_students: active,
    sessions: sessions.length,
    engagement_rate: percent(active, total),
    response_rate: percent(answered, expected),
  };
}

const held = (oracle: Oracle, room: string, from: number, to: number): SessionFacts[] =>
  oracle.sessions.filter((one) => one.room === room && one.at > from && one.at <= to);

const SESSION_ANSWERS: Readonly<Record<string, Expected>> = {
  "active-participants": (oracle, { session_id, time_range = "60m" }, asOf) => {
    const answers = oracle.counted.filter(
      ({ session, at }) => session === session_id && at > asOf - rangeMs(time_range) && at <= asOf,
    );
    const data = distinct(answers.map(({ student }) => student)).map((student) => {
      const own = answers.filter((one) => one.student === student);
      const { right, accuracy } = scoreOf(own);
      const last_answer_at = iso(Math.max(...own.map(({ at }) => at)));
      const student_name = oracle.nameOf(student);
      return {
        student_id: student,
        student_name,
        answers: own.length,
        correct: right,
        accuracy,
        last_answer_at,
      };
    });
    const rates = data.flatMap(({ accuracy }) => (accuracy === null ? [] : [accuracy]));
    return { session_id, active_participants: data.length, average_accuracy: mean(rates), data };
  },
  "questions-per-minute": (oracle, { session_id }) => {
    const times = oracle.publications(session_id!).map(({ at }) => at);
    const minutes = times.length === 0 ? 1 : Math.max(1, (times.at(-1)! - times[0]!) / 60_000);
    const within = times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length);
    return {
      session_id,
      total_questions: times.length,
      span_minutes: round(minutes),
      questions_per_minute: round(times.length / minutes),
      peak_questions_per_minute: Math.max(0, ...within),
    };
  },
  "response-rate": (oracle, asked) => {
    const { inTime, enrolled, answered } = questionOf(oracle, asked);
    const guests_answered = inTime.length - answered;
    const response_rate = percent(answered, enrolled);
    return {
      ...asked,
      total_students: enrolled,
      students_answered: answered,
      guests_answered,
      response_rate,
    };
  },
  "latency-analysis": (oracle, asked) => {
    const times = questionOf(oracle, asked)
      .inTime.flatMap(({ latency }) => (latency === null ? [] : [latency]))
      .sort((a, b) => a - b);
    const middle = [times[Math.floor((times.length - 1) / 2)], times[Math.ceil((times.length - 1) / 2)]];
    return {
      ...asked,
      answers: times.length,
      first_response_sec: times[0] ?? null,
      mean_response_sec: mean(times, 3),
      median_response_sec: times.length === 0 ? null : mean(middle as number[], 3),
    };
  },
  "timeout-analysis": (oracle, asked) => {
    const { answers, enrolled, answered } = questionOf(oracle, asked);
    return {
      ...asked,
      total_students: enrolled,
      students_answered: answered,
      timed_out: enrolled - answered,
      late_answers: answers.filter((one) => one.late && one.enrolled).length,
      timeout_rate: percent(enrolled - answered, enrolled),
    };
  },
  "completion-rate": (oracle, { session_id }) => {
    const room = oracle.sessions.find(({ id }) => id === session_id)?.room ?? "";
    const questions = oracle.publications(session_id!).length;
    const given = oracle
      .enrolled(room)
      .map(
        (student) =>
          oracle.counted.filter(
            (one) => one.session === session_id && one.student === student && one.latency !== null,
          ).length,
      );
    const completed = questions === 0 ? 0 : given.filter((count) => count === questions).length;
    return {
      session_id,
      total_questions: questions,
      total_students: given.length,
      students_participated: given.filter((count) => count > 0).length,
      students_completed: completed,
      completion_rate: questions === 0 ? null : percent(completed, given.length),
      average_completion: questions === 0 ? null : mean(given.map((count) => (100 * count) / questions)),
    };
  },
  "dropoff-analysis": (oracle, { session_id }) => {
    const room = oracle.sessions.find(({ id }) => id === session_id)?.room ?? "";
    const total = oracle.enrolled(room).length;
    let before: number | null = null;
    const questions = oracle.publications(session_id!).map(({ question, at }, index) => {
      const { answered } = questionOf(oracle, { session_id: session_id!, question_id: question });
      const rate = percent(answered, total);
      const drop = before === null || rate === null ? null : round(before - rate);
      before = rate;
      return {
        position: index + 1,
        question_id: question,
        published_at: iso(at),
        students_answered: answered,
        response_rate: rate,
        drop_off: drop,
        is_critical: drop !== null && drop >= 25,
      };
    });
    const critical = questions.filter(({ is_critical }) => is_critical).length;
    return { session_id, total_students: total, critical_points: critical, questions };
  },
  "session-student-rankings": (oracle, { session_id }) => {
    const answers = oracle.counted.filter(({ session }) => session === session_id);
    const students = distinct(answers.map(({ student }) => student));
    return { session_id, data: ranked(scores(oracle, answers, students)) };
  },
};

const CLASS_ANSWERS: Readonly<Record<string, Expected>> = {
  "student-performance": (oracle, asked) => {
    const own = oracle.first.filter(
      (one) => one.student === asked["student_id"] && one.room === asked["classroom_id"],
    );
    const inTime = own.filter(({ late }) => !late);
    return {
      ...asked,
      student_name: oracle.nameOf(asked["student_id"]!),
      questions_attempted: inTime.length,
      correct_answers: scoreOf(inTime).right,
      unjudged_answers: inTime.filter(({ correct }) => correct === null).length,
      late_answers: own.length - inTime.length,
      accuracy: scoreOf(inTime).accuracy,
    };
  },
  "classroom-engagement": (oracle, { classroom_id, date_range = "7d" }, asOf) => ({
    classroom_id,
    ...engagement(oracle, classroom_id!, held(oracle, classroom_id!, asOf - rangeMs(date_range), asOf)),
  }),
  "student-performance-list": (oracle, { classroom_id }) => {
    const answers = oracle.counted.filter(({ room }) => room === classroom_id);
    return { classroom_id, data: scores(oracle, answers, oracle.enrolled(classroom_id!)) };
  },
  "classroom-engagement-history": (oracle, { classroom_id, date_range = "30d" }, asOf) => {
    const sessions = held(oracle, classroom_id!, asOf - rangeMs(date_range), asOf);
    const dayOf = ({ at }: SessionFacts): string => iso(at).slice(0, 10);
    const data = distinct(sessions.map(dayOf))
      .reverse()
      .map((date) => ({
        date,
        ...engagement(
          oracle,
          classroom_id!,
          sessions.filter((one) => dayOf(one) === date),
        ),
      }));
    return { classroom_id, data };
  },
  "classroom-sessions": (oracle, { classroom_id }) => ({
    classroom_id,
    data: oracle.sessions
      .filter(({ room }) => room === classroom_id)
      .map((one) => ({
        ...sessionRow(oracle, one),
        quiz_id: one.quiz,
        quiz_title: one.quiz.replace("quiz-", "Quiz "),
      })),
  }),
  "classroom-student-rankings": (oracle, { classroom_id }) => {
    const answers = oracle.counted.filter(({ room }) => room === classroom_id);
    return { classroom_id, data: ranked(scores(oracle, answers, oracle.enrolled(classroom_id!))) };
  },
  "classroom-overview": (oracle, { classroom_id }) => {
    const sessions = oracle.sessions.filter(({ room }) => room === classroom_id);
    const { expected, answered } = oracle.totals(sessions);
    const answers = oracle.counted.filter(({ session }) => sessions.some(({ id }) => id === session));
    const rate = percent(answered, expected);
    const classes: Readonly<Record<string, string>> = { unknown: "" };
    return {
      classroom_id,
      name: classes[classroom_id!] === "" ? null : classroom_id!.replace(/^school-.*-class-/, "Class "),
      total_students: oracle.enrolled(classroom_id!).length,
      total_sessions: sessions.length,
      total_quizzes: distinct(sessions.map(({ quiz }) => quiz)).length,
      last_session_at: sessions[0] === undefined ? null : iso(sessions[0].at),
      accuracy: scoreOf(answers).accuracy,
      response_rate: rate,
      engagement_level: labelled(rate, ["High", "Medium", "Low"]),
    };
  },
  "class-performance-summary": (oracle, { classroom_id }) => {
    const answers = oracle.counted.filter(({ room }) => room === classroom_id);
    const rows = scores(oracle, answers, oracle.enrolled(classroom_id!));
    const rates = rows.flatMap(({ accuracy }) => (accuracy === null ? [] : [accuracy as number]));
    return {
      classroom_id,
      total_students: rows.length,
      students_with_answers: rows.filter((row) => row["questions_attempted"] !== 0).length,
      total_answers: sum(rows.map((row) => row["questions_attempted"] as number)),
      average_accuracy: mean(rates),
      highest_accuracy: rates.length === 0 ? null : Math.max(...rates),
      lowest_accuracy: rates.length === 0 ? null : Math.min(...rates),
      students_at_80: rates.filter((rate) => rate >= 80).length,
      students_at_60: rates.filter((rate) => rate >= 60 && rate < 80).length,
      students_below_60: rates.filter((rate) => rate < 60).length,
    };
  },
  "student-activity-summary": (oracle, { student_id }) => {
    const own = oracle.counted.filter(({ student }) => student === student_id);
    const times = own.map(({ at }) => at);
    return {
      student_id,
      student_name: oracle.nameOf(student_id!),
      classrooms: distinct(oracle.sessions.map(({ room }) => room)).filter((room) =>
        oracle.enrolled(room).includes(student_id!),
      ).length,
      sessions_participated: distinct(own.map(({ session }) => session)).length,
      quizzes_participated: distinct(own.map(({ quiz }) => quiz)).length,
      questions_attempted: own.length,
      correct_answers: scoreOf(own).right,
      accuracy: scoreOf(own).accuracy,
      mean_response_sec: mean(
        own.flatMap(({ latency }) => (latency === null ? [] : [latency])),
        3,
      ),
      first_answer_at: times.length === 0 ? null : iso(Math.min(...times)),
      last_answer_at: times.length === 0 ? null : iso(Math.max(...times)),
    };
  },
};

function quizTotals(oracle: Oracle, quiz: string) {
  const sessions = oracle.sessions.filter((one) => one.quiz === quiz);
  const answers = oracle.counted.filter(({ session }) => sessions.some(({ id }) => id === session));
  const { expected, answered } = oracle.totals(sessions);
  return { sessions, answers, rate: percent(answered, expected), accuracy: scoreOf(answers).accuracy };
}

const QUIZ_ANSWERS: Readonly<Record<string, Expected>> = {
  "content-effectiveness": (oracle, { quiz_id }) => {
    const { sessions, answers, rate, accuracy } = quizTotals(oracle, quiz_id!);
    const score = rate === null || accuracy === null ? null : round((rate + accuracy) / 2);
    return {
      quiz_id,
      sessions: sessions.length,
      total_answers: answers.length,
      accuracy,
      engagement_rate: rate,
      effectiveness_score: score,
      rating: labelled(score, ["Highly effective", "Moderately effective", "Needs improvement"]),
    };
  },
  "quiz-questions-list": (oracle, { quiz_id }) => {
    const published = oracle.sessions
      .filter(({ quiz }) => quiz === quiz_id)
      .flatMap(({ id }) => oracle.publications(id).map(({ question }) => question));
    const data = distinct([...oracle.questionsOf(quiz_id!), ...published]).map((question) => {
      const answers = oracle.counted.filter((one) => one.quiz === quiz_id && one.question === question);
      const { accuracy } = scoreOf(answers);
      return {
        question_id: question,
        times_published: oracle.publishedOf(quiz_id!, question),
        total_answers: answers.length,
        accuracy,
        difficulty: difficulty(accuracy),
      };
    });
    return { quiz_id, data };
  },
  "quiz-sessions": (oracle, { quiz_id }) => ({
    quiz_id,
    data: oracle.sessions
      .filter(({ quiz }) => quiz === quiz_id)
      .map((one) => ({
        ...sessionRow(oracle, one),
        classroom_id: one.room,
        classroom_name: one.room.replace(/^school-.*-class-/, "Class "),
      })),
  }),
  "quiz-summary": (oracle, { quiz_id }) => {
    const { sessions, answers, rate, accuracy } = quizTotals(oracle, quiz_id!);
    return {
      quiz_id,
      title: quiz_id === "unknown" ? null : quiz_id!.replace("quiz-", "Quiz "),
      total_questions: oracle.questionsOf(quiz_id!).length,
      total_sessions: sessions.length,
      total_classrooms: distinct(sessions.map(({ room }) => room)).length,
      total_answers: answers.length,
      accuracy,
      response_rate: rate,
      difficulty: difficulty(accuracy),
    };
  },
  "question-analysis": (oracle, asked) => {
    const own = oracle.first.filter(
      (one) => one.question === asked["question_id"] && one.quiz === asked["quiz_id"],
    );
    const inTime = own.filter(({ late }) => !late);
    const { right, accuracy } = scoreOf(inTime);
    const count = (answer: string): number => inTime.filter((one) => one.answer === answer).length;
    const distribution = distinct(inTime.map(({ answer }) => answer)).map((answer) => ({
      answer,
      answers: count(answer),
      is_correct: inTime.find((one) => one.answer === answer)!.correct,
    }));
    return {
      ...asked,
      total_answers: inTime.length,
      correct_answers: right,
      late_answers: own.length - inTime.length,
      accuracy,
      mean_response_sec: mean(
        inTime.flatMap(({ latency }) => (latency === null ? [] : [latency])),
        3,
      ),
      difficulty: difficulty(accuracy),
      answer_distribution: distribution.sort((a, b) => b.answers - a.answers),
    };
  },
};

export const EXPECTED: Readonly<Record<string, Expected>> = {
  ...SESSION_ANSWERS,
  ...CLASS_ANSWERS,
  ...QUIZ_ANSWERS,
};
