import type { JsonObject } from "../../../core/json.ts";
import { isoTime } from "./clock.ts";
import type { Draft } from "./draft.ts";
import type { Identity, Layout } from "./layout.ts";
import { appLabels, podSpec, type Application } from "./pod-template.ts";

export function draftCronJob(layout: Layout, index: number): Draft {
  const identity = layout.cronJob(index);
  const app = application(identity);
  const schedule = layout.dice.one(
    ["*/5 * * * *", "0 * * * *", "15 3 * * *", "0 6 * * 1"],
    `schedule ${index}`,
  );
  return {
    identity,
    apiVersion: "batch/v1",
    generation: 1,
    labels: appLabels(app),
    authors: [
      { manager: "helm", at: identity.created },
      { manager: "kube-controller-manager", at: -60, subresource: "status" },
    ],
    body: {
      spec: {
        schedule,
        concurrencyPolicy: "Forbid",
        suspend: layout.dice.fraction(`suspended ${index}`) < 0.1,
        jobTemplate: { metadata: {}, spec: { template: { metadata: {}, spec: podSpec(app, layout.dice) } } },
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
      },
      status: { lastScheduleTime: isoTime(-3600), lastSuccessfulTime: isoTime(-3540) },
    },
  };
}

export function draftJob(layout: Layout, index: number): Draft {
  const identity = layout.job(index);
  const owner = layout.cronJob(index % layout.plan.cronJobs);
  const controller = { "batch.kubernetes.io/controller-uid": identity.uid };
  const labels = { ...controller, "batch.kubernetes.io/job-name": identity.name };
  return {
    identity,
    apiVersion: "batch/v1",
    generation: 1,
    labels,
    annotations: { "batch.kubernetes.io/cronjob-scheduled-timestamp": isoTime(identity.created) },
    owner: { apiVersion: "batch/v1", kind: "CronJob", identity: owner },
    authors: [
      { manager: "kube-controller-manager", at: identity.created },
      { manager: "kube-controller-manager", at: identity.created + 70, subresource: "status" },
    ],
    body: {
      spec: {
        parallelism: 1,
        completions: 1,
        backoffLimit: 6,
        selector: { matchLabels: controller },
        template: { metadata: { labels }, spec: podSpec(application(owner), layout.dice) },
        completionMode: "NonIndexed",
        suspend: false,
        podReplacementPolicy: "TerminatingOrFailed",
      },
      status: completed(identity.created),
    },
  };
}

function application({ name }: Identity): Application {
  return { name, role: "job", version: 1 };
}

function completed(started: number): JsonObject {
  const at = isoTime(started + 65);
  const done = { status: "True", lastProbeTime: at, lastTransitionTime: at, reason: "CompletionsReached" };
  return {
    conditions: ["SuccessCriteriaMet", "Complete"].map((type) => ({ type, ...done })),
    startTime: isoTime(started),
    completionTime: at,
    succeeded: 1,
    terminating: 0,
    uncountedTerminatedPods: {},
    ready: 0,
  };
}
