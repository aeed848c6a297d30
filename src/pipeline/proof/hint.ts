import { clusterInfo } from "../../streams/cluster-info/stream.ts";
import type { CheckStatus, Remedy, Step } from "./check.ts";
import type { Findings, Verdict } from "./proof.ts";

/** The next command to type; null when there is nothing left to do. What it says works, and a test does it. */
export function nextStep(verdict: Verdict, findings: Findings): string | null {
  const commands = commandsFor(findings);
  switch (verdict) {
    case "proven":
      return null;
    case "in-flight":
      // probes want somebody who consumes all the time
      if (findings.live !== undefined)
        return `clusterflow consume --stream ${findings.stream ?? "cluster-info"}`;
      return commands[waitingFor(findings)];
    case "wrong":
      return mending(firstRemedy(findings, "failed"), commands);
  }
}

type Move = Step | "begin" | "consume";
type Commands = Readonly<Record<Move, string>>;

function firstRemedy({ checks }: Findings, status: CheckStatus): Remedy | null {
  return checks.find((check) => check.status === status)?.remedy ?? null;
}

/** What comes next by itself when somebody lets it: messages that wait, or a snapshot that is not there yet. */
function waitingFor(findings: Findings): Move {
  if (findings.partitions.some(({ lag }) => lag > 0n)) return "consume";
  return firstRemedy(findings, "pending")?.step === "legacy" ? "legacy" : "begin";
}

function mending(remedy: Remedy | null, commands: Commands): string {
  const command = commands[remedy?.step ?? "collect"];
  return remedy?.statement === undefined ? command : `in the database: ${remedy.statement}; then: ${command}`;
}

/** The names that are not the defaults come with every command: they may have been given as flags. */
function commandsFor({ mode, topic, group, stream }: Findings): Commands {
  if (stream !== undefined) return commandsOf(stream);
  const toTopic = topic === null || topic === clusterInfo.topic.name ? "" : ` --topic ${topic}`;
  const place = `${toTopic}${group === null || group === clusterInfo.group ? "" : ` --group ${group}`}`;
  const begin = `clusterflow collect${toTopic}`;
  const consume = `clusterflow consume --until-end${place}`;
  const looks = {
    origin: "clusterflow config show --role collector --origin",
    list: `clusterflow verify --all${place}`,
    legacy: "clusterflow verify --mode legacy",
  };
  // without a topic nothing can be read again: the next snapshot is what there is
  if (mode === "legacy") {
    const refill = `${begin} --db-name AN-EMPTY-DATABASE`;
    return { ...looks, begin, consume, collect: begin, replay: begin, refill };
  }
  return {
    ...looks,
    begin,
    consume,
    collect: `${begin} && ${consume}`,
    replay: `clusterflow consume --from earliest --until-end${place}`,
    refill: `clusterflow consume --until-end${place} --db-name AN-EMPTY-DATABASE`,
  };
}

/** A stream of tables is named, and its topic and group with it; whoever fills the topic is not ours to start. */
function commandsOf(stream: string): Commands {
  const consume = `clusterflow consume --stream ${stream} --until-end`;
  const replay = `clusterflow consume --stream ${stream} --from earliest --until-end`;
  return {
    begin: consume,
    consume,
    collect: replay,
    replay,
    origin: "clusterflow config show --role consumer --origin",
    list: `clusterflow verify --stream ${stream}`,
    legacy: `clusterflow verify --stream ${stream}`,
    refill: `${consume} --db-name AN-EMPTY-DATABASE`,
  };
}
