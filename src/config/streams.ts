import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { ClusterflowError } from "../core/errors.ts";
import { Findings } from "./findings.ts";
import { parseStreamName } from "./parsers.ts";
import { seeOrigins } from "./role.ts";
import type { Sources } from "./sources.ts";
import { fileTrouble } from "./sources/file-trouble.ts";
import { resolveValues } from "./sources/resolve.ts";

/** Which stream, and the file in which people declare their own. */
export interface StreamChoice {
  readonly stream: string;
  /** Whether somebody asked for it; else it is the role's own. */
  readonly isSaid: boolean;
  readonly file: StreamsFile | null;
}

export interface StreamsFile {
  /** As the person named it. */
  readonly path: string;
  readonly text: string;
}

/** A thousand streams have room in it. */
const MOST_BYTES = 1024 * 1024;

/** What a command has to know before its other settings: they depend on the stream. */
export function loadStreamChoice({ input, role, layers }: Sources): StreamChoice {
  // what else is wrong in the sources is told by whoever loads the other settings
  const findings = new Findings();
  const values = resolveValues(layers, ["streams"], findings);
  // the gateway's clients post quiz events, unless somebody says otherwise
  const isUnsaid = values.find("stream")?.given === null;
  const stream = role === "ingest" && isUnsaid ? "quiz-events" : values.parse("stream", parseStreamName);
  const path = values.text("streamsFile");
  const choice = findings.settle(stream === null ? null : { stream, path }, seeOrigins(role));
  return {
    stream: choice.stream,
    isSaid: !isUnsaid,
    file: path === null ? null : readStreamsFile(input.directory, path),
  };
}

/** Reads a file of streams as text; what it says is judged elsewhere. Throws `usage` when it is no text. */
export function readStreamsFile(directory: string, path: string): StreamsFile {
  const bytes = readBytes(resolve(directory, path), path);
  if (!isUtf8(bytes) || bytes.includes(0)) throw unfit(`streams file ${path} is not UTF-8 text`);
  return { path, text: bytes.toString("utf8") };
}

function readBytes(file: string, path: string): Buffer {
  try {
    const { size } = statSync(file);
    if (size <= MOST_BYTES) return readFileSync(file);
  } catch (error) {
    throw unfit(`streams file ${path} ${fileTrouble(error)}`);
  }
  throw unfit(`streams file ${path} has more than ${MOST_BYTES / 1024 / 1024} MiB`);
}

function unfit(sentence: string): ClusterflowError {
  return new ClusterflowError(sentence, {
    code: "usage",
    hint: "name another one with --streams-file FILE (CLUSTERFLOW_STREAMS)",
  });
}
