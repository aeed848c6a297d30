import { damaged } from "./failures.ts";
import { FileWindow } from "./file-window.ts";
import { nextFrame, type Frame } from "./next-frame.ts";
import { SEGMENT_HEAD_BYTES, type InSegment, type Segment } from "./segment.ts";

/** The frames from there up to the entry `until`, over as many segments as it takes. */
export async function* framesFrom(
  segments: readonly Segment[],
  from: InSegment,
  until: number,
): AsyncGenerator<Frame & { readonly segment: Segment }> {
  let { offset, sequence } = from;
  for (const segment of segments.slice(segments.indexOf(from.segment))) {
    const stop = Math.min(segment.end, until);
    if (sequence >= stop) continue;
    if (segment !== from.segment) offset = SEGMENT_HEAD_BYTES;
    await using file = await FileWindow.open(segment.path);
    while (sequence < stop) {
      const frame = await nextFrame(file, { offset, sequence });
      if (frame === null || frame === "torn") throw damaged(segment.path, offset);
      yield { ...frame, segment };
      ({ offset, sequence } = frame.next);
    }
  }
}
