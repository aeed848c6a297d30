import type { Json, JsonObject } from "../../../core/json.ts";
import type { Dice } from "./dice.ts";

/** An application as its pod template describes it; `version` counts its rollouts. */
export interface Application {
  readonly name: string;
  readonly role: "deployment" | "statefulset" | "daemonset" | "job";
  readonly version: number;
}

export function appLabels(app: Application): JsonObject {
  return { "app.kubernetes.io/instance": app.name, "app.kubernetes.io/name": app.name };
}

/** The `spec` of the application's pods, with the fields that the API server fills in. */
export function podSpec(app: Application, dice: Dice): JsonObject {
  const isBatch = app.role === "job";
  return {
    ...(isBatch ? {} : { volumes: volumesOf(app) }),
    containers: [mainContainer(app, dice), ...(hasSidecar(app, dice) ? [SIDECAR] : [])],
    restartPolicy: isBatch ? "Never" : "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    serviceAccountName: isBatch ? "default" : app.name,
    serviceAccount: isBatch ? "default" : app.name,
    securityContext: isBatch ? {} : { runAsNonRoot: true, fsGroup: 2000 },
    schedulerName: "default-scheduler",
  };
}

function mainContainer(app: Application, dice: Dice): JsonObject {
  const isBatch = app.role === "job";
  return {
    name: app.name,
    image: imageOf(app, dice),
    ...(isBatch ? { args: ["--once"] } : { ports: [HTTP_PORT] }),
    env: environment(app),
    resources: resources(app, dice),
    ...(isBatch
      ? {}
      : { volumeMounts: mounts(app), livenessProbe: probe("/live"), readinessProbe: probe("/ready") }),
    ...CONTAINER_DEFAULTS,
  };
}

/** The image with its tag, as the template names it. */
export function imageOf(app: Application, dice: Dice): string {
  const minor = dice.below(30, `version ${app.role} ${app.name}`);
  return `registry.example.com/${app.role === "daemonset" ? "platform" : "apps"}/${app.name}:1.${minor}.${app.version}`;
}

export function hasSidecar(app: Application, dice: Dice): boolean {
  return app.role === "deployment" && dice.fraction(`sidecar ${app.name}`) < 0.25;
}

function environment(app: Application): readonly Json[] {
  const value = [
    { name: "LOG_LEVEL", value: "info" },
    { name: "SERVICE_NAME", value: app.name },
    { name: "POD_NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } },
  ];
  if (app.role !== "deployment") return value;
  const secretKeyRef = { name: `${app.name}-credentials`, key: "password" };
  return [...value, { name: "DATABASE_PASSWORD", valueFrom: { secretKeyRef } }];
}

/** Quantities in all the spellings that people use. */
function resources(app: Application, dice: Dice): JsonObject {
  const what = `${app.role} ${app.name}`;
  if (dice.fraction(`unlimited ${what}`) < 0.1) return {};
  const cpu = dice.one(["50m", "100m", "250m", "0.5", "1", "1500m", "2"], `cpu ${what}`);
  const memory = dice.one(["64Mi", "128Mi", "256Mi", "512M", "1Gi", "1.5Gi", "2147483648"], `memory ${what}`);
  const limit = dice.one(["256Mi", "512Mi", "1Gi", "2Gi", "4Gi"], `limit ${what}`);
  return { limits: { memory: limit }, requests: { cpu, memory } };
}

/** The volumes that the template itself names. */
export function volumesOf(app: Application): readonly Json[] {
  if (app.role === "deployment") {
    return [
      { name: "config", configMap: { name: `${app.name}-config`, defaultMode: 420 } },
      { name: "tmp", emptyDir: {} },
    ];
  }
  return app.role === "daemonset"
    ? [{ name: "host", hostPath: { path: "/var/log", type: "" } }]
    : [{ name: "tmp", emptyDir: {} }];
}

function mounts(app: Application): readonly Json[] {
  const tmp = { name: "tmp", mountPath: "/tmp" };
  switch (app.role) {
    case "deployment":
      return [{ name: "config", readOnly: true, mountPath: "/etc/app" }, tmp];
    case "statefulset":
      return [{ name: "data", mountPath: "/var/lib/data" }, tmp];
    case "daemonset":
    case "job":
      return [{ name: "host", readOnly: true, mountPath: "/host/log" }];
  }
}

function probe(path: string): JsonObject {
  const httpGet = { path, port: "http", scheme: "HTTP" };
  return { httpGet, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
}

const HTTP_PORT = { name: "http", containerPort: 8080, protocol: "TCP" };

const CONTAINER_DEFAULTS = {
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
  imagePullPolicy: "IfNotPresent",
};

export const SIDECAR_IMAGE = "registry.example.com/platform/envoy:1.36.2";

const SIDECAR: JsonObject = {
  name: "proxy",
  image: SIDECAR_IMAGE,
  args: ["--config", "/etc/envoy.yaml"],
  ports: [{ name: "admin", containerPort: 9901, protocol: "TCP" }],
  resources: { limits: { memory: "128Mi" }, requests: { cpu: "20m", memory: "48Mi" } },
  ...CONTAINER_DEFAULTS,
};
