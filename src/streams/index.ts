import { clusterInfo } from "./cluster-info/stream.ts";
import type { Stream } from "./define.ts";
import { quizEvents } from "./quiz/stream.ts";

/** Every stream that clusterflow carries. */
export const STREAMS: readonly Stream[] = [clusterInfo, quizEvents];

/** The stream of a name; null when there is none. */
export function streamNamed(name: string): Stream | null {
  return STREAMS.find((stream) => stream.name === name) ?? null;
}
