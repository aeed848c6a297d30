/** Of each question of a session; a student in ten says nothing. */
const ANSWERS_OF_SESSION = 270;

/**
 * Schools with so many answers, in the tables of the stream: classes of 30 that play a quiz of ten questions a week, 18
 * weeks long. A hundred quizzes, the most popular one in every twentieth session. One answer in twenty is late, one in a
 * hundred is given twice; some questions have no key or two, one session in fifty nobody heard start, one question in
 * five hundred was never published, and there are guests. The same numbers give the same rows, but for the times.
 */
export function answersScript(answers: number): string {
  const sessions = Math.ceil(answers / ANSWERS_OF_SESSION);
  const rooms = Math.ceil(sessions / 18);
  return `
BEGIN;
SELECT setseed(0.42);
CREATE FUNCTION pg_temp.id(kind text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE RETURN md5(kind || n)::uuid::text;
INSERT INTO quizzes SELECT pg_temp.id('quiz', n), 'Quiz ' || n FROM generate_series(0, 99) n;
INSERT INTO questions SELECT pg_temp.id('question', n), pg_temp.id('quiz', n / 10) FROM generate_series(0, 999) n;
INSERT INTO question_answer_keys SELECT pg_temp.id('question', n), 'A' FROM generate_series(0, 999) n WHERE n % 50 > 0;
INSERT INTO question_answer_keys SELECT pg_temp.id('question', n), 'B' FROM generate_series(0, 999) n WHERE n % 20 = 1;
INSERT INTO classrooms SELECT pg_temp.id('room', n), 'School ' || n / 10 || ', class ' || n % 10
  FROM generate_series(0, ${rooms - 1}) n;
INSERT INTO students SELECT pg_temp.id('student', n), 'Student ' || n FROM generate_series(0, ${rooms * 30 - 1}) n;
INSERT INTO classroom_students SELECT pg_temp.id('room', n / 30), pg_temp.id('student', n)
  FROM generate_series(0, ${rooms * 30 - 1}) n;

CREATE TEMP TABLE held AS
SELECT n, n % ${rooms} AS room, floor(100 * random() ^ 1.5)::int AS quiz,
       now() - (n / ${rooms}) * interval '7 days' - (1 + 20 * random()) * interval '1 hour' AS at
  FROM generate_series(0, ${sessions - 1}) n;
INSERT INTO session_started_events
SELECT pg_temp.id('start', n), pg_temp.id('session', n), pg_temp.id('quiz', quiz), pg_temp.id('room', room), 'teacher',
       at, at
  FROM held WHERE n % 50 > 0 ORDER BY at;

CREATE TEMP TABLE asked AS
SELECT held.*, q, 10 * n + q AS place, at + (q + 1) * interval '45 s' AS published FROM held, generate_series(0, 9) q;
INSERT INTO question_published_events
SELECT pg_temp.id('publication', place), pg_temp.id('session', n), pg_temp.id('quiz', quiz), pg_temp.id('room', room),
       pg_temp.id('question', 10 * quiz + q), 'teacher', published, 30, published
  FROM asked WHERE place % 500 > 0 ORDER BY published;

CREATE TEMP TABLE given AS
SELECT asked.*, s, 30 * place + s AS answer,
       published + CASE WHEN late < 0.05 THEN 30 + 200 * late ELSE 1 + 29 * late END * interval '1 s' AS submitted
  FROM asked CROSS JOIN LATERAL (SELECT s, random() AS late FROM generate_series(0, 29) s WHERE place >= 0) x
 WHERE random() < 0.9;
INSERT INTO answer_submitted_events
SELECT pg_temp.id('answer', answer), pg_temp.id('session', n), pg_temp.id('quiz', quiz), pg_temp.id('room', room),
       pg_temp.id('question', 10 * quiz + q),
       pg_temp.id('student', CASE WHEN s = 29 AND n % 20 = 0 THEN n ELSE 30 * room + s END), 'teacher',
       (ARRAY['A', 'A', 'A', 'A', 'B', 'C', 'D'])[1 + answer * 31 % 7], submitted, 5000, submitted
  FROM given ORDER BY submitted LIMIT ${answers};
INSERT INTO answer_submitted_events
SELECT event_id || ' again', session_id, quiz_id, classroom_id, question_id, student_id, teacher_id, 'A',
       submitted_at + interval '3 s', response_time_ms, received_at
  FROM answer_submitted_events WHERE random() < 0.01;
DROP TABLE held, asked, given;
COMMIT`;
}
