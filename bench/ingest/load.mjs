// What is posted, and what the bare producer sends. Plain JavaScript, since the process that sends it loads it.
const PER_SESSION = 100;

/** The n-th event of a run, some 430 bytes; its id ends with its number. */
export function eventOf(run, n) {
  return {
    event_id: `${run}/${n}`,
    event_type: "ANSWER_SUBMITTED",
    timestamp: new Date(1_750_000_000_000 + n * 10).toISOString(),
    session_id: `900e8400-e29b-41d4-a716-${String(Math.floor(n / PER_SESSION)).padStart(12, "0")}`,
    quiz_id: "900e8400-e29b-41d4-a716-446655440010",
    classroom_id: "900e8400-e29b-41d4-a716-446655440020",
    question_id: `900e8400-e29b-41d4-a716-44665544003${n % 10}`,
    student_id: `900e8400-e29b-41d4-a716-${String(n % 5000).padStart(12, "0")}`,
    answer: "ABCD"[n % 4],
    response_time_ms: n % 30_000,
  };
}
