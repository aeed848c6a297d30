import { clusterInfo } from "./cluster-info/stream.ts";
import type { Stream } from "./define.ts";
import { MYKART_COPIES } from "./mykart/copies.ts";
import { MYKART_EVENTS } from "./mykart/streams.ts";
import { quizEvents } from "./quiz/stream.ts";

/** Every stream that clusterflow carries. */
export const STREAMS: readonly Stream[] = [clusterInfo, quizEvents, ...MYKART_EVENTS, ...MYKART_COPIES];

/**
 * The stream of a name, or of another name of it: that one is also the topic that is meant, and all else is the same.
 * Null when there is none.
 */
export function streamNamed(name: string, streams: readonly Stream[] = STREAMS): Stream | null {
  const stream = streams.find((one) => one.name === name);
  if (stream !== undefined) return stream;
  const other = streams.find(({ aliases }) => aliases?.includes(name));
  return other === undefined ? null : { ...other, topic: { ...other.topic, name } };
}
