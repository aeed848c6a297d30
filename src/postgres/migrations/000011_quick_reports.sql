-- Reports over many answers judge all answers to a question of a session at once: what they are judged by is looked up
-- once, and not for each of them. `judged_answers` stays for a few answers, and for queries.

-- The sessions in which a quiz's questions were answered are read from the index alone.
DROP INDEX public.idx_ase_quiz;
CREATE INDEX idx_ase_quiz ON public.answer_submitted_events (quiz_id, question_id, session_id);

-- Each student's first answer to a question in a session, judged as `judged_answers` does. A class or a quiz picks its
-- rows afterwards: what came first is a matter of the whole session.
CREATE FUNCTION quiz_reports.first_answers(p_session_id text, p_question_id text)
RETURNS TABLE (student_id text, quiz_id text, classroom_id text, answer text, published_at timestamptz,
               is_late boolean, latency_sec numeric, is_correct boolean) LANGUAGE sql STABLE AS $$
  SELECT a.student_id, a.quiz_id, a.classroom_id, a.answer, j.published_at,
         CASE WHEN j.published_at IS NOT NULL THEN coalesce(a.submitted_at > j.open_until, false) END,
         extract(epoch FROM a.submitted_at - j.published_at),
         a.answer = ANY (j.answers)
    -- OFFSET 0 makes it one step, and that the answers are found by its question_id makes it the first one
    FROM (SELECT p_question_id AS question_id, p.published_at, p.open_until, k.answers
            FROM (SELECT min(published_at) AS published_at, min(open_until) AS open_until
                    FROM quiz_reports.publications
                   WHERE session_id = p_session_id AND question_id = p_question_id) p
           CROSS JOIN (SELECT array_agg(key.answer) AS answers FROM public.question_answer_keys key
                        WHERE key.question_id = p_question_id) k
          OFFSET 0) j
   CROSS JOIN LATERAL (
         SELECT DISTINCT ON (g.student_id) g.student_id, g.quiz_id, g.classroom_id, g.answer, g.submitted_at
           FROM public.answer_submitted_events g
          WHERE g.session_id = p_session_id AND g.question_id = j.question_id
          ORDER BY g.student_id, g.submitted_at, g.event_id) a
$$;

-- What a session could have had and what it had; answered counts answers of enrolled students to questions that were
-- published.
CREATE FUNCTION quiz_reports.totals_of(p_session_id text, p_classroom_id text)
RETURNS TABLE (questions bigint, enrolled bigint, expected bigint, participants bigint, answers bigint,
               answered bigint, judged bigint, correct bigint, active_ids text[]) LANGUAGE sql STABLE AS $$
  SELECT q.questions, c.enrolled, q.questions * c.enrolled, t.*
    FROM (SELECT count(DISTINCT p.question_id) AS questions FROM public.question_published_events p
           WHERE p.session_id = p_session_id) q
   CROSS JOIN (SELECT count(*) AS enrolled FROM public.classroom_students c
                WHERE c.classroom_id = p_classroom_id) c
   CROSS JOIN (
         SELECT count(DISTINCT s.student_id), coalesce(sum(s.answers), 0)::bigint,
                coalesce(sum(s.published) FILTER (WHERE e.is_enrolled), 0)::bigint,
                coalesce(sum(s.judged), 0)::bigint, coalesce(sum(s.correct), 0)::bigint,
                array_agg(DISTINCT s.student_id) FILTER (WHERE e.is_enrolled)
           FROM (SELECT a.student_id, a.classroom_id, count(*) AS answers, count(a.published_at) AS published,
                        count(a.is_correct) AS judged, count(*) FILTER (WHERE a.is_correct) AS correct
                   FROM (SELECT DISTINCT g.question_id FROM public.answer_submitted_events g
                          WHERE g.session_id = p_session_id) asked
                  CROSS JOIN LATERAL quiz_reports.first_answers(p_session_id, asked.question_id) a
                  WHERE a.is_late IS NOT TRUE GROUP BY a.student_id, a.classroom_id) s
          CROSS JOIN LATERAL (
                SELECT EXISTS (SELECT FROM public.classroom_students c
                                WHERE c.classroom_id = s.classroom_id AND c.student_id = s.student_id)
                         AS is_enrolled) e) t
$$;

DROP VIEW quiz_reports.session_totals;
CREATE VIEW quiz_reports.session_totals AS
SELECT s.*, t.*
  FROM quiz_reports.sessions s CROSS JOIN LATERAL quiz_reports.totals_of(s.session_id, s.classroom_id) t;

CREATE OR REPLACE FUNCTION quiz_reports.classroom_sessions(
  p_classroom_id text, p_page integer DEFAULT 1, p_page_size integer DEFAULT 50) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  WITH page AS MATERIALIZED (
    SELECT * FROM quiz_reports.sessions WHERE classroom_id = p_classroom_id
     ORDER BY started_at DESC, session_id LIMIT p_page_size OFFSET (p_page - 1)::bigint * p_page_size)
  SELECT jsonb_build_object(
    'classroom_id', p_classroom_id,
    'data', coalesce((SELECT jsonb_agg(to_jsonb(r)) FROM (
      SELECT p.session_id, p.quiz_id, z.title AS quiz_title, p.started_at, t.questions AS total_questions,
             t.participants, quiz_reports.percent(t.answered, t.expected) AS response_rate,
             quiz_reports.percent(t.correct, t.judged) AS accuracy
        FROM page p CROSS JOIN LATERAL quiz_reports.totals_of(p.session_id, p.classroom_id) t
        LEFT JOIN public.quizzes z ON z.quiz_id = p.quiz_id ORDER BY p.started_at DESC, p.session_id) r), '[]'),
    'pagination', quiz_reports.pagination(
      (SELECT count(*) FROM quiz_reports.sessions WHERE classroom_id = p_classroom_id), p_page, p_page_size))
$$;

CREATE OR REPLACE FUNCTION quiz_reports.quiz_sessions(
  p_quiz_id text, p_page integer DEFAULT 1, p_page_size integer DEFAULT 50) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  WITH page AS MATERIALIZED (
    SELECT * FROM quiz_reports.sessions WHERE quiz_id = p_quiz_id
     ORDER BY started_at DESC, session_id LIMIT p_page_size OFFSET (p_page - 1)::bigint * p_page_size)
  SELECT jsonb_build_object(
    'quiz_id', p_quiz_id,
    'data', coalesce((SELECT jsonb_agg(to_jsonb(r)) FROM (
      SELECT p.session_id, p.classroom_id, c.name AS classroom_name, p.started_at, t.questions AS total_questions,
             t.participants, quiz_reports.percent(t.answered, t.expected) AS response_rate,
             quiz_reports.percent(t.correct, t.judged) AS accuracy
        FROM page p CROSS JOIN LATERAL quiz_reports.totals_of(p.session_id, p.classroom_id) t
        LEFT JOIN public.classrooms c ON c.classroom_id = p.classroom_id
       ORDER BY p.started_at DESC, p.session_id) r), '[]'),
    'pagination', quiz_reports.pagination(
      (SELECT count(*) FROM quiz_reports.sessions WHERE quiz_id = p_quiz_id), p_page, p_page_size))
$$;

-- Students of a class with what they did; the silent ones, too.
CREATE OR REPLACE FUNCTION quiz_reports.class_scores(p_classroom_id text)
RETURNS TABLE (student_id text, student_name text, questions_attempted bigint, correct_answers bigint,
               accuracy numeric) LANGUAGE sql STABLE AS $$
  WITH asked AS MATERIALIZED (
    SELECT DISTINCT session_id, question_id FROM public.answer_submitted_events
     WHERE classroom_id = p_classroom_id),
  scored AS MATERIALIZED (
    SELECT a.student_id, count(*) AS attempted, count(a.is_correct) AS judged,
           count(*) FILTER (WHERE a.is_correct) AS correct
      FROM asked CROSS JOIN LATERAL quiz_reports.first_answers(asked.session_id, asked.question_id) a
     WHERE a.classroom_id = p_classroom_id AND a.is_late IS NOT TRUE GROUP BY a.student_id)
  SELECT c.student_id, s.name, coalesce(d.attempted, 0), coalesce(d.correct, 0),
         quiz_reports.percent(d.correct, d.judged)
    FROM public.classroom_students c
    JOIN public.students s ON s.student_id = c.student_id
    LEFT JOIN scored d ON d.student_id = c.student_id
   WHERE c.classroom_id = p_classroom_id
$$;

-- The questions that were loaded and those that were published without having been loaded.
CREATE OR REPLACE FUNCTION quiz_reports.quiz_questions_list(
  p_quiz_id text, p_page integer DEFAULT 1, p_page_size integer DEFAULT 50) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  WITH known AS (
    SELECT question_id::text COLLATE "C" AS question_id FROM public.questions WHERE quiz_id = p_quiz_id
     UNION SELECT question_id FROM public.question_published_events WHERE quiz_id = p_quiz_id),
  page AS MATERIALIZED (
    SELECT question_id FROM known ORDER BY question_id
     LIMIT p_page_size OFFSET (p_page - 1)::bigint * p_page_size),
  published AS MATERIALIZED (
    SELECT question_id, count(DISTINCT session_id) AS sessions FROM public.question_published_events
     WHERE quiz_id = p_quiz_id GROUP BY question_id),
  asked AS MATERIALIZED (
    SELECT DISTINCT e.session_id, e.question_id
      FROM page JOIN public.answer_submitted_events e ON e.question_id = page.question_id
     WHERE e.quiz_id = p_quiz_id),
  given AS MATERIALIZED (
    SELECT asked.question_id, count(*) AS answers,
           quiz_reports.percent(count(*) FILTER (WHERE a.is_correct), count(a.is_correct)) AS accuracy
      FROM asked CROSS JOIN LATERAL quiz_reports.first_answers(asked.session_id, asked.question_id) a
     WHERE a.quiz_id = p_quiz_id AND a.is_late IS NOT TRUE GROUP BY asked.question_id)
  SELECT jsonb_build_object(
    'quiz_id', p_quiz_id,
    'data', coalesce((SELECT jsonb_agg(to_jsonb(r)) FROM (
      SELECT page.question_id, coalesce(p.sessions, 0) AS times_published, coalesce(g.answers, 0) AS total_answers,
             g.accuracy, quiz_reports.difficulty(g.accuracy) AS difficulty
        FROM page LEFT JOIN published p ON p.question_id = page.question_id
        LEFT JOIN given g ON g.question_id = page.question_id ORDER BY page.question_id) r), '[]'),
    'pagination', quiz_reports.pagination((SELECT count(*) FROM known), p_page, p_page_size))
$$;

CREATE OR REPLACE FUNCTION quiz_reports.question_analysis(p_question_id text, p_quiz_id text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  WITH asked AS MATERIALIZED (
    SELECT DISTINCT session_id FROM public.answer_submitted_events
     WHERE quiz_id = p_quiz_id AND question_id = p_question_id),
  given AS MATERIALIZED (
    SELECT a.answer, a.is_late, a.is_correct, a.latency_sec
      FROM asked CROSS JOIN LATERAL quiz_reports.first_answers(asked.session_id, p_question_id) a
     WHERE a.quiz_id = p_quiz_id),
  total AS (
    SELECT count(*) FILTER (WHERE is_late IS NOT TRUE) AS answers,
           count(*) FILTER (WHERE is_correct AND is_late IS NOT TRUE) AS correct,
           count(*) FILTER (WHERE is_late) AS late,
           quiz_reports.percent(count(*) FILTER (WHERE is_correct AND is_late IS NOT TRUE),
                                count(is_correct) FILTER (WHERE is_late IS NOT TRUE)) AS accuracy,
           round(avg(latency_sec) FILTER (WHERE is_late IS NOT TRUE), 3) AS latency FROM given)
  SELECT jsonb_build_object(
    'question_id', p_question_id, 'quiz_id', p_quiz_id, 'total_answers', answers, 'correct_answers', correct,
    'late_answers', late, 'accuracy', accuracy, 'mean_response_sec', latency,
    'difficulty', quiz_reports.difficulty(accuracy),
    'answer_distribution', coalesce((
      SELECT jsonb_agg(jsonb_build_object('answer', answer, 'answers', answers, 'is_correct', is_correct)
                       ORDER BY answers DESC, answer COLLATE "C")
        FROM (SELECT answer, count(*) AS answers, bool_or(is_correct) AS is_correct FROM given
               WHERE is_late IS NOT TRUE GROUP BY answer) d), '[]')) FROM total
$$;

-- They take milliseconds; to compile them, which PostgreSQL does when it thinks that there is much to do, takes longer.
DO $$
DECLARE report regprocedure;
BEGIN
  FOR report IN
    SELECT oid::regprocedure FROM pg_proc
     WHERE pronamespace = 'quiz_reports'::regnamespace AND prorettype = 'jsonb'::regtype AND provolatile = 's'
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET jit = off', report);
  END LOOP;
END $$;
