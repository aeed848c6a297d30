import type { Json, JsonObject } from "../../../core/json.ts";
import { isoTime } from "./clock.ts";
import type { Dice } from "./dice.ts";
import type { Identity } from "./layout.ts";
import { hasSidecar, imageOf, SIDECAR_IMAGE, type Application } from "./pod-template.ts";

interface PodFacts {
  readonly index: number;
  readonly identity: Identity;
  readonly app: Application;
  readonly nodeIndex: number;
}

type Health = "running" | "crashing" | "pending" | "succeeded" | "failed";

/** Nearly all run; some have restarted, and a few are what one looks for in an inventory. */
function healthOf({ index, app }: PodFacts, dice: Dice): Health {
  const drawn = dice.fraction(`health ${index}`);
  if (app.role === "job") return drawn < 0.05 ? "failed" : "succeeded";
  if (drawn < 0.01) return "crashing";
  return drawn < 0.02 ? "pending" : "running";
}

export function podStatus(pod: PodFacts, dice: Dice): JsonObject {
  const health = healthOf(pod, dice);
  const phase = {
    running: "Running",
    crashing: "Running",
    pending: "Pending",
    succeeded: "Succeeded",
    failed: "Failed",
  }[health];
  const ip = `10.${64 + ((pod.index >> 16) & 63)}.${(pod.index >> 8) & 255}.${pod.index & 255}`;
  const hostIP = nodeAddress(pod.nodeIndex);
  const address = health === "pending" ? {} : { podIP: ip, podIPs: [{ ip }] };
  return {
    phase,
    conditions: conditions(pod, health),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...address,
    startTime: isoTime(pod.identity.created + 1),
    containerStatuses: containerStatuses(pod, health, dice),
    qosClass: "Burstable",
  };
}

/** The address of the index-th node. */
export function nodeAddress(index: number): string {
  return `10.0.${(index >> 8) & 255}.${index & 255}`;
}

function conditions({ identity }: PodFacts, health: Health): readonly Json[] {
  const isReady = health === "running" ? "True" : "False";
  const entries = [
    ["PodReadyToStartContainers", health === "pending" ? "False" : "True"],
    ["Initialized", "True"],
    ["Ready", isReady],
    ["ContainersReady", isReady],
    ["PodScheduled", "True"],
  ];
  return entries.map(([type, status], at) => ({
    type: type ?? "",
    status: status ?? "",
    lastProbeTime: null,
    lastTransitionTime: isoTime(identity.created + 2 * at),
  }));
}

function containerStatuses(pod: PodFacts, health: Health, dice: Dice): readonly Json[] {
  const main = containerStatus(pod, { name: pod.app.name, image: imageOf(pod.app, dice), health }, dice);
  if (!hasSidecar(pod.app, dice)) return [main];
  const proxy = health === "crashing" ? "running" : health;
  return [main, containerStatus(pod, { name: "proxy", image: SIDECAR_IMAGE, health: proxy }, dice)];
}

interface ContainerFacts {
  readonly name: string;
  readonly image: string;
  readonly health: Health;
}

function containerStatus(
  { index, identity }: PodFacts,
  { name, image, health }: ContainerFacts,
  dice: Dice,
): JsonObject {
  const what = `container ${index} ${name}`;
  const restarts = restartsOf(health, what, dice);
  const started = identity.created + 5;
  const hasStarted = health !== "pending";
  const repository = image.slice(0, image.lastIndexOf(":"));
  return {
    name,
    state: stateOf(health, started),
    lastState: restarts === 0 ? {} : { terminated: ended(137, "OOMKilled", started) },
    ready: health === "running",
    restartCount: restarts,
    image,
    imageID: hasStarted ? `${repository}@sha256:${dice.hex(64, `digest ${image}`)}` : "",
    ...(hasStarted ? { containerID: `containerd://${dice.hex(64, what)}` } : {}),
    started: health === "running",
  };
}

function restartsOf(health: Health, what: string, dice: Dice): number {
  if (health === "crashing") return 5 + dice.below(200, `restarts ${what}`);
  return health === "running" && dice.fraction(`restarted ${what}`) < 0.1
    ? 1 + dice.below(4, `restarts ${what}`)
    : 0;
}

function stateOf(health: Health, started: number): JsonObject {
  switch (health) {
    case "running":
      return { running: { startedAt: isoTime(started) } };
    case "crashing":
      return {
        waiting: { reason: "CrashLoopBackOff", message: "back-off 5m0s restarting failed container" },
      };
    case "pending":
      return { waiting: { reason: "ImagePullBackOff", message: "Back-off pulling image" } };
    case "succeeded":
      return { terminated: ended(0, "Completed", started) };
    case "failed":
      return { terminated: ended(1, "Error", started) };
  }
}

function ended(exitCode: number, reason: string, started: number): JsonObject {
  return { exitCode, reason, startedAt: isoTime(started), finishedAt: isoTime(started + 60) };
}
