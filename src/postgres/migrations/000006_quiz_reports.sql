-- The reports of quizzes, one function each, and what they have in common.
--
-- A student's first answer to a question in a session counts, if it was in time. Rates are of the students who are
-- enrolled, so that none exceeds 100; guests answer, too, but raise no rate. A rate of nothing (an empty class, no
-- question, no key) is null, a count of nothing is 0. Times are compared as the events tell them, not as they came.

CREATE SCHEMA quiz_reports;

CREATE FUNCTION quiz_reports.percent(part numeric, whole numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN round(100 * part / nullif(whole, 0), 2);

CREATE FUNCTION quiz_reports.difficulty(accuracy numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN accuracy >= 80 THEN 'Easy' WHEN accuracy >= 60 THEN 'Medium'
            WHEN accuracy >= 40 THEN 'Hard' WHEN accuracy IS NOT NULL THEN 'Very Hard' END;

CREATE FUNCTION quiz_reports.pagination(total bigint, page integer, page_size integer) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN jsonb_build_object('page', page, 'page_size', page_size, 'total_count', total,
                          'total_pages', (total + page_size - 1) / page_size,
                          'has_more', page::bigint * page_size < total, 'has_previous', page > 1);

-- A question in a session: when it was first published, and until when it was open. One without a timer stays open.
CREATE VIEW quiz_reports.publications AS
SELECT session_id, question_id, min(published_at) AS published_at,
       CASE WHEN min(timer_duration_sec) > 0
            THEN max(published_at + timer_duration_sec * interval '1 second') END AS open_until
  FROM public.question_published_events
 GROUP BY session_id, question_id;

-- A session that nobody heard start is known by its first question.
CREATE VIEW quiz_reports.sessions AS
SELECT session_id, quiz_id, classroom_id, started_at FROM public.quiz_sessions
UNION ALL
SELECT q.session_id, q.quiz_id, q.classroom_id, q.published_at
  FROM public.question_published_events q
 WHERE NOT EXISTS (SELECT FROM public.session_started_events s WHERE s.session_id = q.session_id)
   AND NOT EXISTS (SELECT FROM public.question_published_events e
                    WHERE e.session_id = q.session_id
                      AND (e.published_at, e.event_id) < (q.published_at, q.event_id));

-- Every answer with what is known of it now. is_late is null while the question has not come, is_correct while nobody
-- has loaded a key.
CREATE VIEW quiz_reports.judged_answers AS
SELECT a.event_id, a.session_id, a.quiz_id, a.classroom_id, a.question_id, a.student_id, a.answer, a.submitted_at,
       a.response_time_ms, p.published_at,
       CASE WHEN p.published_at IS NOT NULL THEN coalesce(a.submitted_at > p.open_until, false) END AS is_late,
       extract(epoch FROM a.submitted_at - p.published_at) AS latency_sec,
       k.is_correct,
       NOT EXISTS (SELECT FROM public.answer_submitted_events e
                    WHERE e.session_id = a.session_id AND e.question_id = a.question_id
                      AND e.student_id = a.student_id
                      AND (e.submitted_at, e.event_id) < (a.submitted_at, a.event_id)) AS is_first,
       EXISTS (SELECT FROM public.classroom_students c
                WHERE c.classroom_id = a.classroom_id AND c.student_id = a.student_id) AS is_enrolled
  FROM public.answer_submitted_events a
  LEFT JOIN LATERAL (
       SELECT min(q.published_at) AS published_at,
              CASE WHEN min(q.timer_duration_sec) > 0
                   THEN max(q.published_at + q.timer_duration_sec * interval '1 second') END AS open_until
         FROM public.question_published_events q
        WHERE q.session_id = a.session_id AND q.question_id = a.question_id) p ON true
  LEFT JOIN LATERAL (
       SELECT bool_or(key.answer = a.answer) AS is_correct
         FROM public.question_answer_keys key WHERE key.question_id = a.question_id) k ON true;

CREATE VIEW quiz_reports.counted_answers AS
SELECT * FROM quiz_reports.judged_answers WHERE is_first AND is_late IS NOT TRUE;

-- Each student's first answer to a question in a session, judged as `judged_answers` does, but all at once: what they are
-- judged by is looked up once, and not for each of them. Reports over many answers take it. A class or a quiz picks its
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
   CROSS JOIN (SELECT count(*) AS enrolled, array_agg(s.student_id) AS ids FROM public.classroom_students s
                WHERE s.classroom_id = p_classroom_id) c
   CROSS JOIN LATERAL (
         SELECT count(DISTINCT a.student_id), count(*), count(a.published_at) FILTER (WHERE e.is_enrolled),
                count(a.is_correct), count(*) FILTER (WHERE a.is_correct),
                array_agg(DISTINCT a.student_id) FILTER (WHERE e.is_enrolled)
           FROM (SELECT DISTINCT g.question_id FROM public.answer_submitted_events g
                  WHERE g.session_id = p_session_id) asked
          CROSS JOIN LATERAL quiz_reports.first_answers(p_session_id, asked.question_id) a
          -- nearly all answers name the session's own class, and its students are looked up once
          CROSS JOIN LATERAL (
                SELECT CASE WHEN a.classroom_id = p_classroom_id THEN a.student_id = ANY (c.ids)
                            ELSE EXISTS (SELECT FROM public.classroom_students o
                                          WHERE o.classroom_id = a.classroom_id AND o.student_id = a.student_id)
                       END AS is_enrolled) e
          WHERE a.is_late IS NOT TRUE) t
$$;

CREATE VIEW quiz_reports.session_totals AS
SELECT s.*, t.*
  FROM quiz_reports.sessions s CROSS JOIN LATERAL quiz_reports.totals_of(s.session_id, s.classroom_id) t;

-- Who answered in the window: the students, and how well they did then.
CREATE FUNCTION quiz_reports.active_participants(
  p_session_id text, p_time_range interval DEFAULT '60m', p_page integer DEFAULT 1, p_page_size integer DEFAULT 50,
  p_as_of timestamptz DEFAULT now()) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH given AS MATERIALIZED ( -- by the session alone: an index on the times would be walked from end to end
    SELECT student_id, submitted_at, is_correct FROM quiz_reports.counted_answers WHERE session_id = p_session_id),
  found AS MATERIALIZED (
    SELECT a.student_id, max(s.name) AS student_name, count(*) AS answers,
           count(*) FILTER (WHERE a.is_correct) AS correct,
           quiz_reports.percent(count(*) FILTER (WHERE a.is_correct), count(a.is_correct)) AS accuracy,
           max(a.submitted_at) AS last_answer_at
      FROM given a LEFT JOIN public.students s ON s.student_id = a.student_id
     WHERE a.submitted_at > p_as_of - p_time_range AND a.submitted_at <= p_as_of
     GROUP BY a.student_id)
  SELECT jsonb_build_object(
    'session_id', p_session_id,
    'active_participants', (SELECT count(*) FROM found),
    'average_accuracy', (SELECT round(avg(accuracy), 2) FROM found),
    'data', coalesce((SELECT jsonb_agg(to_jsonb(r)) FROM (
      SELECT * FROM found ORDER BY student_id
       LIMIT p_page_size OFFSET (p_page - 1)::bigint * p_page_size) r), '[]'),
    'pagination', quiz_reports.pagination((SELECT count(*) FROM found), p_page, p_page_size))
$$;

-- The span is at least one minute. The peak is the most questions of any 60 seconds.
CREATE FUNCTION quiz_reports.questions_per_minute(p_session_id text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH published AS (
    SELECT published_at,
           count(*) OVER (ORDER BY published_at RANGE BETWEEN CURRENT ROW AND '59.999999 s' FOLLOWING) AS minute
      FROM quiz_reports.publications WHERE session_id = p_session_id),
  total AS (
    SELECT count(*) AS questions, coalesce(max(minute), 0) AS peak,
           greatest(1, extract(epoch FROM max(published_at) - min(published_at)) / 60) AS minutes FROM published)
  SELECT jsonb_build_object(
    'session_id', p_session_id, 'total_questions', questions, 'span_minutes', round(minutes, 2),
    'questions_per_minute', round(questions / minutes, 2), 'peak_questions_per_minute', peak) FROM total
$$;

CREATE FUNCTION quiz_reports.student_performance(p_student_id text, p_classroom_id text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'student_id', p_student_id, 'classroom_id', p_classroom_id,
    'student_name', (SELECT name FROM public.students WHERE student_id = p_student_id),
    'questions_attempted', count(*) FILTER (WHERE is_late IS NOT TRUE),
    'correct_answers', count(*) FILTER (WHERE is_correct AND is_late IS NOT TRUE),
    'unjudged_answers', count(*) FILTER (WHERE is_correct IS NULL AND is_late IS NOT TRUE),
    'late_answers', count(*) FILTER (WHERE is_late),
    'accuracy', quiz_reports.percent(count(*) FILTER (WHERE is_correct AND is_late IS NOT TRUE),
                                     count(is_correct) FILTER (WHERE is_late IS NOT TRUE)))
    FROM quiz_reports.judged_answers
   WHERE student_id = p_student_id AND classroom_id = p_classroom_id AND is_first
$$;

-- Of the sessions that began in the range.
CREATE FUNCTION quiz_reports.classroom_engagement(
  p_classroom_id text, p_date_range interval DEFAULT '7d', p_as_of timestamptz DEFAULT now()) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  WITH held AS MATERIALIZED (
    SELECT answered, expected, active_ids FROM quiz_reports.session_totals
     WHERE classroom_id = p_classroom_id AND started_at > p_as_of - p_date_range AND started_at <= p_as_of),
  size AS (SELECT count(*) AS students FROM public.classroom_students WHERE classroom_id = p_classroom_id),
  active AS (
    SELECT count(DISTINCT student_id) AS students FROM held CROSS JOIN LATERAL unnest(active_ids) AS student_id)
  SELECT jsonb_build_object(
    'classroom_id', p_classroom_id, 'total_students', size.students, 'active_students', active.students,
    'sessions', (SELECT count(*) FROM held),
    'engagement_rate', quiz_reports.percent(active.students, size.students),
    'response_rate', (SELECT quiz_reports.percent(sum(answered), sum(expected)) FROM held)) FROM size, active
$$;

-- Half accuracy, half engagement: the answers that were given, of those that could have been.
CREATE FUNCTION quiz_reports.content_effectiveness(p_quiz_id text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH total AS (
    SELECT count(*) AS sessions, coalesce(sum(answers), 0) AS answers,
           quiz_reports.percent(sum(correct), sum(judged)) AS accuracy,
           quiz_reports.percent(sum(answered), sum(expected)) AS engagement
      FROM quiz_reports.session_totals WHERE quiz_id = p_quiz_id),
  scored AS (SELECT *, round((accuracy + engagement) / 2, 2) AS score FROM total)
  SELECT jsonb_build_object(
    'quiz_id', p_quiz_id, 'sessions', sessions, 'total_answers', answers, 'accuracy', accuracy,
    'engagement_rate', engagement, 'effectiveness_score', score,
    'rating', CASE WHEN score >= 80 THEN 'Highly effective' WHEN score >= 60 THEN 'Moderately effective'
                   WHEN score IS NOT NULL THEN 'Needs improvement' END) FROM scored
$$;

-- A question in a session: who could answer, who did, who did too late.
CREATE FUNCTION quiz_reports.answered(p_session_id text, p_question_id text)
RETURNS TABLE (enrolled bigint, answered bigint, guests bigint, late bigint) LANGUAGE sql STABLE AS $$
  SELECT (SELECT count(*) FROM quiz_reports.sessions s
            JOIN public.classroom_students c ON c.classroom_id = s.classroom_id
           WHERE s.session_id = p_session_id),
         count(*) FILTER (WHERE is_enrolled AND is_late IS NOT TRUE),
         count(*) FILTER (WHERE NOT is_enrolled AND is_late IS NOT TRUE),
         count(*) FILTER (WHERE is_enrolled AND is_late)
    FROM quiz_reports.judged_answers
   WHERE session_id = p_session_id AND question_id = p_question_id AND is_first
$$;

CREATE FUNCTION quiz_reports.response_rate(p_session_id text, p_question_id text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'session_id', p_session_id, 'question_id', p_question_id, 'total_students', enrolled,
    'students_answered', answered, 'guests_answered', guests,
    'response_rate', quiz_reports.percent(answered, enrolled))
    FROM quiz_reports.answered(p_session_id, p_question_id)
$$;

CREATE FUNCTION quiz_reports.latency_analysis(p_session_id text, p_question_id text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'session_id', p_session_id, 'question_id', p_question_id, 'answers', count(latency_sec),
    'first_response_sec', round(min(latency_sec), 3), 'mean_response_sec', round(avg(latency_sec), 3),
    'median_response_sec',
      round((percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_sec::double precision))::numeric, 3))
    FROM quiz_reports.counted_answers WHERE session_id = p_session_id AND question_id = p_question_id
$$;

-- No event tells that somebody skipped a question on purpose: there is no number of those.
CREATE FUNCTION quiz_reports.timeout_analysis(p_session_id text, p_question_id text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'session_id', p_session_id, 'question_id', p_question_id, 'total_students', enrolled,
    'students_answered', answered, 'timed_out', enrolled - answered, 'late_answers', late,
    'timeout_rate', quiz_reports.percent(enrolled - answered, enrolled))
    FROM quiz_reports.answered(p_session_id, p_question_id)
$$;

-- How many of the published questions each enrolled student of a session answered, who answered none included.
CREATE FUNCTION quiz_reports.completions(p_session_id text)
RETURNS TABLE (student_id text, answers bigint, questions bigint) LANGUAGE sql STABLE AS $$
  WITH given AS (
    SELECT a.student_id, count(*) AS answers FROM quiz_reports.counted_answers a
     WHERE a.session_id = p_session_id AND a.published_at IS NOT NULL GROUP BY a.student_id)
  SELECT c.student_id, coalesce(g.answers, 0),
         (SELECT count(*) FROM quiz_reports.publications p WHERE p.session_id = p_session_id)
    FROM quiz_reports.sessions s
    JOIN public.classroom_students c ON c.classroom_id = s.classroom_id
    LEFT JOIN given g ON g.student_id = c.student_id
   WHERE s.session_id = p_session_id
$$;

-- The average is over all who are enrolled, not over those who finished.
CREATE FUNCTION quiz_reports.completion_rate(p_session_id text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'session_id', p_session_id,
    'total_questions', (SELECT count(*) FROM quiz_reports.publications WHERE session_id = p_session_id),
    'total_students', count(*),
    'students_participated', count(*) FILTER (WHERE answers > 0),
    'students_completed', count(*) FILTER (WHERE questions > 0 AND answers = questions),
    'completion_rate', quiz_reports.percent(count(*) FILTER (WHERE questions > 0 AND answers = questions),
                                            CASE WHEN max(questions) > 0 THEN count(*) END),
    'average_completion', round(avg(100.0 * answers / nullif(questions, 0)), 2))
    FROM quiz_reports.completions(p_session_id)
$$;

-- Questions in the order in which they were published; a drop is in percentage points since the one before, and
-- critical from 25 on.
CREATE FUNCTION quiz_reports.dropoff_analysis(p_session_id text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH size AS (
    SELECT count(*) AS enrolled FROM quiz_reports.sessions s
      JOIN public.classroom_students c ON c.classroom_id = s.classroom_id WHERE s.session_id = p_session_id),
  given AS (
    SELECT question_id, count(*) FILTER (WHERE is_enrolled) AS answers FROM quiz_reports.counted_answers
     WHERE session_id = p_session_id GROUP BY question_id),
  rated AS (
    SELECT row_number() OVER published AS position, p.question_id, p.published_at,
           coalesce(g.answers, 0) AS students_answered,
           quiz_reports.percent(coalesce(g.answers, 0), size.enrolled) AS response_rate
      FROM quiz_reports.publications p CROSS JOIN size LEFT JOIN given g ON g.question_id = p.question_id
     WHERE p.session_id = p_session_id
    WINDOW published AS (ORDER BY p.published_at, p.question_id)),
  dropped AS (
    SELECT *, lag(response_rate) OVER (ORDER BY position) - response_rate AS drop_off FROM rated),
  told AS (SELECT *, coalesce(drop_off >= 25, false) AS is_critical FROM dropped)
  SELECT jsonb_build_object(
    'session_id', p_session_id, 'total_students', (SELECT enrolled FROM size),
    'critical_points', (SELECT count(*) FROM told WHERE is_critical),
    'questions', coalesce((SELECT jsonb_agg(to_jsonb(t) ORDER BY position) FROM told t), '[]'))
$$;

-- Students of a class or a session with what they did; a class has its silent ones, too.
CREATE FUNCTION quiz_reports.class_scores(p_classroom_id text)
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

CREATE FUNCTION quiz_reports.session_scores(p_session_id text)
RETURNS TABLE (student_id text, student_name text, questions_attempted bigint, correct_answers bigint,
               accuracy numeric) LANGUAGE sql STABLE AS $$
  SELECT a.student_id, max(s.name), count(*), count(*) FILTER (WHERE a.is_correct),
         quiz_reports.percent(count(*) FILTER (WHERE a.is_correct), count(a.is_correct))
    FROM quiz_reports.counted_answers a LEFT JOIN public.students s ON s.student_id = a.student_id
   WHERE a.session_id = p_session_id GROUP BY a.student_id
$$;

CREATE FUNCTION quiz_reports.student_performance_list(
  p_classroom_id text, p_page integer DEFAULT 1, p_page_size integer DEFAULT 50) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  WITH found AS MATERIALIZED (SELECT * FROM quiz_reports.class_scores(p_classroom_id))
  SELECT jsonb_build_object(
    'classroom_id', p_classroom_id,
    'data', coalesce((SELECT jsonb_agg(to_jsonb(r)) FROM (
      SELECT * FROM found ORDER BY student_id
       LIMIT p_page_size OFFSET (p_page - 1)::bigint * p_page_size) r), '[]'),
    'pagination', quiz_reports.pagination((SELECT count(*) FROM found), p_page, p_page_size))
$$;

-- Days in UTC, newest first, of sessions that began on them.
CREATE FUNCTION quiz_reports.classroom_engagement_history(
  p_classroom_id text, p_date_range interval DEFAULT '30d', p_page integer DEFAULT 1, p_page_size integer DEFAULT 50,
  p_as_of timestamptz DEFAULT now()) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH held AS MATERIALIZED (
    SELECT enrolled, answered, expected, active_ids, (started_at AT TIME ZONE 'UTC')::date AS date
      FROM quiz_reports.session_totals
     WHERE classroom_id = p_classroom_id AND started_at > p_as_of - p_date_range AND started_at <= p_as_of),
  active AS (
    SELECT date, count(DISTINCT student_id) AS students
      FROM held CROSS JOIN LATERAL unnest(active_ids) AS student_id GROUP BY date),
  found AS MATERIALIZED (
    SELECT h.date, count(*) AS sessions, max(h.enrolled) AS total_students,
           coalesce(max(a.students), 0) AS active_students,
           quiz_reports.percent(coalesce(max(a.students), 0), max(h.enrolled)) AS engagement_rate,
           quiz_reports.percent(sum(h.answered), sum(h.expected)) AS response_rate
      FROM held h LEFT JOIN active a ON a.date = h.date GROUP BY h.date)
  SELECT jsonb_build_object(
    'classroom_id', p_classroom_id,
    'data', coalesce((SELECT jsonb_agg(to_jsonb(r)) FROM (
      SELECT * FROM found ORDER BY date DESC
       LIMIT p_page_size OFFSET (p_page - 1)::bigint * p_page_size) r), '[]'),
    'pagination', quiz_reports.pagination((SELECT count(*) FROM found), p_page, p_page_size))
$$;

-- The questions that were loaded and those that were published without having been loaded.
CREATE FUNCTION quiz_reports.quiz_questions_list(
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
  given AS MATERIALIZED (
    SELECT page.question_id, sum(s.answers)::bigint AS answers,
           quiz_reports.percent(sum(s.correct)::bigint, sum(s.judged)::bigint) AS accuracy
      FROM page
     CROSS JOIN LATERAL (
           SELECT DISTINCT e.session_id FROM public.answer_submitted_events e
            WHERE e.quiz_id = p_quiz_id AND e.question_id = page.question_id) asked
     CROSS JOIN LATERAL (
           SELECT count(*) AS answers, count(a.is_correct) AS judged, count(*) FILTER (WHERE a.is_correct) AS correct
             FROM quiz_reports.first_answers(asked.session_id, page.question_id) a
            WHERE a.quiz_id = p_quiz_id AND a.is_late IS NOT TRUE) s
     GROUP BY page.question_id)
  SELECT jsonb_build_object(
    'quiz_id', p_quiz_id,
    'data', coalesce((SELECT jsonb_agg(to_jsonb(r)) FROM (
      SELECT page.question_id, coalesce(p.sessions, 0) AS times_published, coalesce(g.answers, 0) AS total_answers,
             g.accuracy, quiz_reports.difficulty(g.accuracy) AS difficulty
        FROM page LEFT JOIN published p ON p.question_id = page.question_id
        LEFT JOIN given g ON g.question_id = page.question_id ORDER BY page.question_id) r), '[]'),
    'pagination', quiz_reports.pagination((SELECT count(*) FROM known), p_page, p_page_size))
$$;

CREATE FUNCTION quiz_reports.classroom_sessions(
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

CREATE FUNCTION quiz_reports.quiz_sessions(
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

-- Most right answers first, then the better accuracy; equals share a rank. The percentile is the share of the others
-- who are behind: 100 for the first.
CREATE FUNCTION quiz_reports.classroom_student_rankings(
  p_classroom_id text, p_page integer DEFAULT 1, p_page_size integer DEFAULT 50) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  WITH found AS MATERIALIZED (
    SELECT rank() OVER best AS rank, round((100 * (1 - percent_rank() OVER best))::numeric, 2) AS percentile, s.*
      FROM quiz_reports.class_scores(p_classroom_id) s
    WINDOW best AS (ORDER BY correct_answers DESC, accuracy DESC NULLS LAST))
  SELECT jsonb_build_object(
    'classroom_id', p_classroom_id,
    'data', coalesce((SELECT jsonb_agg(to_jsonb(r)) FROM (
      SELECT * FROM found ORDER BY rank, student_id
       LIMIT p_page_size OFFSET (p_page - 1)::bigint * p_page_size) r), '[]'),
    'pagination', quiz_reports.pagination((SELECT count(*) FROM found), p_page, p_page_size))
$$;

CREATE FUNCTION quiz_reports.session_student_rankings(
  p_session_id text, p_page integer DEFAULT 1, p_page_size integer DEFAULT 50) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  WITH found AS MATERIALIZED (
    SELECT rank() OVER best AS rank, round((100 * (1 - percent_rank() OVER best))::numeric, 2) AS percentile, s.*
      FROM quiz_reports.session_scores(p_session_id) s
    WINDOW best AS (ORDER BY correct_answers DESC, accuracy DESC NULLS LAST))
  SELECT jsonb_build_object(
    'session_id', p_session_id,
    'data', coalesce((SELECT jsonb_agg(to_jsonb(r)) FROM (
      SELECT * FROM found ORDER BY rank, student_id
       LIMIT p_page_size OFFSET (p_page - 1)::bigint * p_page_size) r), '[]'),
    'pagination', quiz_reports.pagination((SELECT count(*) FROM found), p_page, p_page_size))
$$;

CREATE FUNCTION quiz_reports.quiz_summary(p_quiz_id text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH total AS (
    SELECT count(*) AS sessions, count(DISTINCT classroom_id) AS classrooms, coalesce(sum(answers), 0) AS answers,
           quiz_reports.percent(sum(correct), sum(judged)) AS accuracy,
           quiz_reports.percent(sum(answered), sum(expected)) AS response_rate
      FROM quiz_reports.session_totals WHERE quiz_id = p_quiz_id)
  SELECT jsonb_build_object(
    'quiz_id', p_quiz_id, 'title', (SELECT title FROM public.quizzes WHERE quiz_id = p_quiz_id),
    'total_questions', (SELECT count(*) FROM public.questions WHERE quiz_id = p_quiz_id),
    'total_sessions', sessions, 'total_classrooms', classrooms, 'total_answers', answers,
    'accuracy', accuracy, 'response_rate', response_rate, 'difficulty', quiz_reports.difficulty(accuracy)) FROM total
$$;

CREATE FUNCTION quiz_reports.question_analysis(p_question_id text, p_quiz_id text) RETURNS jsonb
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

CREATE FUNCTION quiz_reports.classroom_overview(p_classroom_id text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH total AS (
    SELECT count(*) AS sessions, count(DISTINCT quiz_id) AS quizzes, max(started_at) AS last_session_at,
           quiz_reports.percent(sum(correct), sum(judged)) AS accuracy,
           quiz_reports.percent(sum(answered), sum(expected)) AS response_rate
      FROM quiz_reports.session_totals WHERE classroom_id = p_classroom_id)
  SELECT jsonb_build_object(
    'classroom_id', p_classroom_id,
    'name', (SELECT name FROM public.classrooms WHERE classroom_id = p_classroom_id),
    'total_students', (SELECT count(*) FROM public.classroom_students WHERE classroom_id = p_classroom_id),
    'total_sessions', sessions, 'total_quizzes', quizzes, 'last_session_at', last_session_at,
    'accuracy', accuracy, 'response_rate', response_rate,
    'engagement_level', CASE WHEN response_rate >= 80 THEN 'High' WHEN response_rate >= 60 THEN 'Medium'
                             WHEN response_rate IS NOT NULL THEN 'Low' END) FROM total
$$;

-- Students by their accuracy, in the bounds of the difficulties.
CREATE FUNCTION quiz_reports.class_performance_summary(p_classroom_id text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'classroom_id', p_classroom_id, 'total_students', count(*),
    'students_with_answers', count(*) FILTER (WHERE questions_attempted > 0),
    'total_answers', coalesce(sum(questions_attempted), 0),
    'average_accuracy', round(avg(accuracy), 2), 'highest_accuracy', max(accuracy), 'lowest_accuracy', min(accuracy),
    'students_at_80', count(*) FILTER (WHERE accuracy >= 80),
    'students_at_60', count(*) FILTER (WHERE accuracy >= 60 AND accuracy < 80),
    'students_below_60', count(*) FILTER (WHERE accuracy < 60))
    FROM quiz_reports.class_scores(p_classroom_id)
$$;

CREATE FUNCTION quiz_reports.student_activity_summary(p_student_id text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'student_id', p_student_id, 'student_name', (SELECT name FROM public.students WHERE student_id = p_student_id),
    'classrooms', (SELECT count(*) FROM public.classroom_students WHERE student_id = p_student_id),
    'sessions_participated', count(DISTINCT session_id), 'quizzes_participated', count(DISTINCT quiz_id),
    'questions_attempted', count(*), 'correct_answers', count(*) FILTER (WHERE is_correct),
    'accuracy', quiz_reports.percent(count(*) FILTER (WHERE is_correct), count(is_correct)),
    'mean_response_sec', round(avg(latency_sec), 3),
    'first_answer_at', min(submitted_at), 'last_answer_at', max(submitted_at))
    FROM quiz_reports.counted_answers WHERE student_id = p_student_id
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
