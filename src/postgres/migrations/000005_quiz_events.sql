-- Events of quizzes, and what people load beside them. Ids are text: they come from the clients, and `test-001` is as
-- good a one as a UUID. What looks like a UUID is in lower case everywhere, so that both spellings are one id.
-- Events have no foreign keys: an event that names a quiz nobody has loaded yet is kept all the same.

CREATE TABLE public.session_started_events (
  -- the default is for rows that people insert through quiz_sessions
  event_id     text COLLATE "C" PRIMARY KEY DEFAULT gen_random_uuid()::text,
  session_id   text COLLATE "C" NOT NULL,
  quiz_id      text COLLATE "C" NOT NULL,
  classroom_id text COLLATE "C" NOT NULL,
  teacher_id   text COLLATE "C",
  started_at   timestamptz NOT NULL,
  received_at  timestamptz
);
CREATE INDEX idx_sse_session ON public.session_started_events (session_id, started_at, event_id);
CREATE INDEX idx_sse_classroom ON public.session_started_events (classroom_id, started_at);
CREATE INDEX idx_sse_quiz ON public.session_started_events (quiz_id, started_at);

-- A session that was started twice began the first time, in whatever order the two came. Nothing tells its end.
CREATE VIEW public.quiz_sessions AS
SELECT s.session_id, s.quiz_id, s.classroom_id, s.started_at, NULL::timestamptz AS ended_at
  FROM public.session_started_events s
 WHERE NOT EXISTS (SELECT FROM public.session_started_events e
                    WHERE e.session_id = s.session_id
                      AND (e.started_at, e.event_id) < (s.started_at, s.event_id));

CREATE TABLE public.question_published_events (
  event_id           text COLLATE "C" PRIMARY KEY,
  session_id         text COLLATE "C" NOT NULL,
  quiz_id            text COLLATE "C" NOT NULL,
  classroom_id       text COLLATE "C" NOT NULL,
  question_id        text COLLATE "C" NOT NULL,
  teacher_id         text COLLATE "C",
  published_at       timestamptz NOT NULL,
  -- 0: no timer, and no answer is late
  timer_duration_sec integer NOT NULL,
  -- when the gateway sent it, or Kafka got it: what `published_at` is compared with when a client's clock is doubted
  received_at        timestamptz
);
CREATE INDEX idx_qpe_session_question ON public.question_published_events (session_id, question_id);
CREATE INDEX idx_qpe_session_published_at ON public.question_published_events (session_id, published_at);
CREATE INDEX idx_qpe_classroom ON public.question_published_events (classroom_id, published_at);
CREATE INDEX idx_qpe_quiz ON public.question_published_events (quiz_id);

-- Whether an answer is right or late is not stored but judged when it is read (quiz_reports.judged_answers): its
-- question may come after it, and a key may be mended.
CREATE TABLE public.answer_submitted_events (
  event_id         text COLLATE "C" PRIMARY KEY,
  session_id       text COLLATE "C" NOT NULL,
  quiz_id          text COLLATE "C" NOT NULL,
  classroom_id     text COLLATE "C" NOT NULL,
  question_id      text COLLATE "C" NOT NULL,
  student_id       text COLLATE "C" NOT NULL,
  teacher_id       text COLLATE "C",
  answer           text NOT NULL,
  submitted_at     timestamptz NOT NULL,
  response_time_ms integer,
  received_at      timestamptz
);
CREATE INDEX idx_ase_session_question ON public.answer_submitted_events (session_id, question_id, student_id);
CREATE INDEX idx_ase_student ON public.answer_submitted_events (student_id, submitted_at);
CREATE INDEX idx_ase_classroom ON public.answer_submitted_events (classroom_id, submitted_at);
-- The sessions in which a quiz's questions were answered are read from this index alone.
CREATE INDEX idx_ase_quiz ON public.answer_submitted_events (quiz_id, question_id, session_id);
CREATE INDEX idx_ase_submitted_at ON public.answer_submitted_events (submitted_at);

-- What no event tells and people load.

CREATE DOMAIN public.quiz_entity_id AS text COLLATE "C"
  CONSTRAINT uuid_in_lower_case
  CHECK (VALUE = lower(VALUE) OR VALUE !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$');

CREATE TABLE public.quizzes (
  quiz_id     public.quiz_entity_id PRIMARY KEY,
  title       text NOT NULL,
  description text
);

CREATE TABLE public.classrooms (
  classroom_id public.quiz_entity_id PRIMARY KEY,
  name         text NOT NULL
);

CREATE TABLE public.students (
  student_id public.quiz_entity_id PRIMARY KEY,
  name       text
);

CREATE TABLE public.classroom_students (
  classroom_id public.quiz_entity_id NOT NULL REFERENCES public.classrooms ON DELETE CASCADE,
  student_id   public.quiz_entity_id NOT NULL REFERENCES public.students ON DELETE CASCADE,
  PRIMARY KEY (classroom_id, student_id)
);
CREATE INDEX idx_classroom_students_student ON public.classroom_students (student_id);

CREATE TABLE public.questions (
  question_id public.quiz_entity_id PRIMARY KEY,
  quiz_id     public.quiz_entity_id NOT NULL REFERENCES public.quizzes ON DELETE CASCADE
);
CREATE INDEX idx_questions_quiz ON public.questions (quiz_id);

-- The right answers of a question, one or several. A question without one has answers that are neither right nor wrong.
CREATE TABLE public.question_answer_keys (
  question_id public.quiz_entity_id NOT NULL REFERENCES public.questions ON DELETE CASCADE,
  answer      text NOT NULL,
  PRIMARY KEY (question_id, answer)
);
