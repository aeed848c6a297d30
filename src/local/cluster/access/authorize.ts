import type { Answer } from "../answer.ts";
import { forbidden, forbiddenPath } from "../status.ts";
import type { Target } from "./target.ts";
import { ANONYMOUS, isOpen, type Rights } from "./who.ts";

/** What everybody may see, also without credentials (the cluster role `system:public-info-viewer`). */
const PUBLIC = new Set(["/healthz", "/livez", "/readyz", "/version"]);

/** Null when the user may; else the answer that says why not. Comes before the question whether there is such a thing. */
export function authorize(user: string, target: Target, rights: Rights): Answer | null {
  const isStranger = user === ANONYMOUS && !isOpen(rights);
  if (target.kind === "path") {
    return isStranger && !PUBLIC.has(target.path) ? forbiddenPath(user, "get", target.path) : null;
  }
  return isStranger || rights.denied.has(target.resource) ? denial(user, target) : null;
}

/** The answer to somebody who may not. */
export function denial(user: string, target: Target): Answer {
  if (target.kind === "path") return forbiddenPath(user, "get", target.path);
  return forbidden(user, { ...target, verb: target.name === null ? "list" : "get" });
}
