import { statSync } from "node:fs";

const OF_GROUP = 0o070;
const OF_OTHERS = 0o007;

/**
 * Who but its owner can read a secret's file, as the end of a sentence about it; null when nobody can. libpq's rule for
 * private keys: a file of root's may be shared with a group, as volumes of Kubernetes are.
 */
export function exposureOf(file: string): string | null {
  const { mode, uid } = statSync(file);
  const open = mode & (uid === 0 ? OF_OTHERS : OF_GROUP | OF_OTHERS);
  if (open === 0) return null;
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  return `has mode ${octal}, so others can read it: chmod 600 ${file}, or defaultMode: 0440 on a volume of a pod`;
}
