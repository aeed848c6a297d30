import {
  ANONYMOUS,
  type Authorization,
  basicAuthorization,
  type ClientCertificate,
  type Credentials,
  materialCredentials,
} from "./credentials.ts";
import { execCredentials } from "./exec-credentials.ts";
import { type Located, pathOf } from "./kubeconfig.ts";
import type { UserEntry } from "./kubeconfig-file.ts";
import { fileMaterial, fixedMaterial, type Material } from "./material.ts";
import { usageError } from "../usage-error.ts";

/**
 * The credentials of a kubeconfig's user. Throws `usage` when the entry contradicts itself or asks for what
 * is not supported: reading with other rights than the file says would be worse than not reading.
 */
export function userCredentials(
  user: Located<UserEntry> | null,
  clusterInfo: object,
  variables: Readonly<Record<string, string | undefined>>,
): Credentials {
  if (user === null) return ANONYMOUS;
  refuseUnsupported(user);
  refuseSeveral(user);
  const certificate = clientCertificate(user);
  const { exec } = user.value;
  if (exec) return execCredentials({ ...user, value: exec }, clusterInfo, variables);
  const authorization = authorizationOf(user);
  const whose = `of user "${user.name}"`;
  if (authorization === null && certificate === null) return ANONYMOUS;
  if (authorization === null)
    return materialCredentials(`the client certificate ${whose}`, null, certificate);
  const what = authorization.scheme === "Basic" ? "the password" : "the token";
  return materialCredentials(`${what} ${whose}`, authorization, certificate);
}

/** Data and file of one thing, as kubeconfig has them: base64 text, or a path. Both at once is an error. */
export function materialOf(
  entry: Located<unknown>,
  field: string,
  data: string | null | undefined,
  path: string | null | undefined,
): Material | null {
  if (data && path) {
    const where = `"${entry.name}" in ${entry.file}`;
    throw usageError(`${where} has both ${field} and ${field}-data`, `remove one of them from ${entry.file}`);
  }
  if (data) return fixedMaterial(Buffer.from(data, "base64").toString("utf8"));
  return path ? fileMaterial(pathOf(entry, path), `${field} of "${entry.name}"`) : null;
}

function clientCertificate(user: Located<UserEntry>): ClientCertificate | null {
  const { value } = user;
  const cert = materialOf(
    user,
    "client-certificate",
    value["client-certificate-data"],
    value["client-certificate"],
  );
  const key = materialOf(user, "client-key", value["client-key-data"], value["client-key"]);
  if (cert !== null && key !== null) return { cert, key };
  if (cert === null && key === null) return null;
  const missing = cert === null ? "client-certificate" : "client-key";
  throw usageError(
    `user "${user.name}" in ${user.file} has no ${missing} for its other half`,
    `add ${missing}`,
  );
}

function authorizationOf(user: Located<UserEntry>): Authorization | null {
  const { token, tokenFile, username, password } = user.value;
  // as in kubectl the file wins over the value, which is how the file looked when the kubeconfig was written
  if (tokenFile)
    return { scheme: "Bearer", value: fileMaterial(pathOf(user, tokenFile), `token file of "${user.name}"`) };
  if (token) return { scheme: "Bearer", value: fixedMaterial(token) };
  return username || password ? basicAuthorization(username ?? "", password ?? "") : null;
}

function refuseSeveral(user: Located<UserEntry>): void {
  const { token, tokenFile, username, password, exec } = user.value;
  const ways = [
    token || tokenFile ? "token" : null,
    username || password ? "username and password" : null,
    exec ? "exec" : null,
  ].filter((way) => way !== null);
  if (ways.length < 2) return;
  throw usageError(
    `user "${user.name}" in ${user.file} has more than one way to log in: ${ways.join(", ")}`,
    `keep one of them in ${user.file}`,
  );
}

function refuseUnsupported(user: Located<UserEntry>): void {
  const { as, "as-uid": asUid, "as-groups": asGroups, "auth-provider": provider } = user.value;
  const where = `user "${user.name}" in ${user.file}`;
  if (provider) {
    const hint = "use an exec plugin or a token, as kubectl 1.26 and newer want it";
    throw usageError(
      `${where} logs in with auth-provider ${provider.name ?? ""}, which is not supported`,
      hint,
    );
  }
  if (as || asUid || (asGroups && asGroups.length > 0)) {
    throw usageError(
      `${where} impersonates somebody (as), which is not supported`,
      "use a context without impersonation",
    );
  }
}
