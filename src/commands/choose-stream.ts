import type { OwnPlace } from "../config/own-place.ts";
import type { Sources } from "../config/sources.ts";
import { loadStreamChoice, type StreamsFile } from "../config/streams.ts";
import { ClusterflowError } from "../core/errors.ts";
import { nearestName } from "../core/nearest.ts";
import type { Stream } from "../streams/define.ts";
import { clusterInfo } from "../streams/cluster-info/stream.ts";
import { STREAMS, streamNamed } from "../streams/index.ts";
import type { DeclaredStream } from "../streams/declared/stream.ts";

/** Our own streams and those of the file; the stream that was asked for is one of them. */
export interface Choice {
  readonly stream: Stream;
  readonly isSaid: boolean;
  readonly all: readonly Stream[];
  readonly declared: readonly DeclaredStream[];
  /** Left out for the stream that the settings' own defaults are made for. */
  readonly own?: OwnPlace;
}

export async function chooseStream(sources: Sources): Promise<Choice> {
  const { stream: name, isSaid, file } = loadStreamChoice(sources);
  const declared = file === null ? [] : await declaredIn(file);
  const all = [...STREAMS, ...declared];
  const stream = streamNamed(name, all);
  if (stream === null) throw unknownStream(name, all, file !== null);
  return { stream, isSaid, all, declared, ...(stream === clusterInfo ? {} : { own: placeOf(stream, all) }) };
}

/** The stream that a topic belongs to by its name, or by another name of it; null for a topic of nobody's. */
export function streamOfTopic(topic: string, all: readonly Stream[]): Stream | null {
  return all.find((stream) => topicsOf(stream).includes(topic)) ?? null;
}

function topicsOf({ topic, aliases = [] }: Stream): readonly string[] {
  return [topic.name, ...aliases];
}

/** Nobody named a stream, and the topic is another one's: all of it would be dead letters. Throws `usage`. */
export function refuseForeignTopic({ stream, isSaid, all }: Choice, topic: string, command: string): void {
  const owner = streamOfTopic(topic, all);
  if (isSaid || owner === null || owner === stream) return;
  throw new ClusterflowError(`topic ${topic} is that of stream ${owner.name}, and not of ${stream.name}`, {
    code: "usage",
    // another name of a stream means the topic of that name
    hint: `clusterflow ${command} --stream ${owner.topic.name === topic ? owner.name : topic}`,
  });
}

/** The streams of a file; the parser is loaded for those who have one. Throws `usage` with everything that is wrong. */
export async function declaredIn({ path, text }: StreamsFile): Promise<readonly DeclaredStream[]> {
  const { declare } = await import("../streams/declared/declare.ts");
  const { faultLines } = await import("../streams/declared/faults.ts");
  const { toStream } = await import("../streams/declared/stream.ts");
  const found = declare(path, text);
  if (found.kind === "declared") return found.streams.map(toStream);
  const lines = faultLines(path, found.faults);
  const message =
    lines.length === 1
      ? lines.join("")
      : [`${lines.length} problems in ${path}:`, ...lines.map((line) => `  - ${line}`)].join("\n");
  throw new ClusterflowError(message, {
    code: "usage",
    hint: `mend the file and look again: clusterflow streams check ${path}`,
  });
}

export function unknownStream(name: string, all: readonly Stream[], hasFile: boolean): ClusterflowError {
  const names = all.map((one) => one.name);
  const nearest = nearestName(name, names);
  const meant = nearest === null ? `there are ${names.join(", ")}` : `did you mean ${nearest}?`;
  return new ClusterflowError(`there is no stream ${name}; ${meant}`, {
    code: "usage",
    hint: hasFile
      ? "clusterflow streams list"
      : "name the file that declares it with --streams-file FILE (CLUSTERFLOW_STREAMS)",
  });
}

function placeOf(stream: Stream, all: readonly Stream[]): OwnPlace {
  const others = all.filter((one) => one.name !== stream.name);
  return {
    stream: stream.name,
    topic: stream.topic.name,
    group: stream.group,
    foreignTopics: others.flatMap(topicsOf).filter((topic) => topic !== stream.topic.name),
    foreignGroups: others.map(({ group }) => group),
  };
}
