import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { environment } from "../config/env.ts";

const OWN_COMMAND =
  /(?<![\w./-]|npx )clusterflow (?=(?:setup|collect|consume|verify|migrate|streams|topic|cutover|ingest|users|demo|local|config)\b)/g;

/**
 * Command lines as they can be typed here: `npx clusterflow …` where the shell would not find the bare name, as in a
 * clone or beside a package.json. Documents for programs carry the bare name.
 */
export function asTyped(text: string, { PATH = "" } = environment()): string {
  return text.replaceAll(OWN_COMMAND, (name) => (isOnPath(PATH) ? name : `npx ${name}`));
}

/** npx puts the folders of its packages before the PATH of the shell, which will not have them. */
function isOnPath(path: string): boolean {
  const folders = path.split(delimiter).filter((folder) => folder !== "" && !folder.includes("node_modules"));
  return folders.some((folder) => isExecutable(join(folder, "clusterflow")));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
