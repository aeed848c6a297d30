import type { SettingId } from "./catalogue.ts";
import type { Findings } from "./findings.ts";
import { type Given, type Layer, nameAndPlace } from "./sources/layers.ts";

/** What a stream says of itself, and what belongs to the other streams. */
export interface OwnPlace {
  readonly stream: string;
  readonly topic: string;
  readonly group: string;
  readonly foreignTopics: readonly string[];
  readonly foreignGroups: readonly string[];
}

/**
 * The stream's own topic and group below everything that is given. An env file is written for one stream, and its lines
 * must not send another one to the wrong topic: what belongs to another stream is passed over, and told. Flags count.
 */
export function withOwnPlace(layers: readonly Layer[], own: OwnPlace, findings: Findings): readonly Layer[] {
  const foreign: Partial<Record<SettingId, readonly string[]>> = {
    topic: own.foreignTopics,
    consumerGroup: own.foreignGroups,
  };
  const kept = layers.map((layer) =>
    layer.filter((given) => {
      const value = foreign[given.id] === undefined || given.origin.kind === "flag" ? null : textOf(given);
      if (value === null || foreign[given.id]?.includes(value) !== true) return true;
      findings.notice(
        `${nameAndPlace(given)} is ${value}, which belongs to another stream, and is not used for ${own.stream}`,
      );
      return false;
    }),
  );
  return [...kept, [said("topic", "topic", own.topic), said("consumerGroup", "group", own.group)]];
}

function textOf(given: Given): string | null {
  const reading = given.read();
  return "text" in reading ? reading.text.trim() : null;
}

function said(id: SettingId, word: string, text: string): Given {
  const reading = (): { readonly text: string } => ({ text });
  const origin = { kind: "flag" } as const;
  return {
    id,
    name: `the stream's ${word}`,
    origin,
    indirect: false,
    part: null,
    read: reading,
    written: reading,
  };
}
