import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import { metadataOf } from "../../../streams/cluster-info/identity.ts";
import { applyChange, revised } from "./changes.ts";
import { keyOf, type Entry } from "../store/collection.ts";
import type { Store } from "../store/store.ts";
import { isoTime } from "../synthetic/clock.ts";
import { Dice } from "../synthetic/dice.ts";

/** Changes come in bunches of at most this often; single ones at a thousand a second would keep the timer busier than the server. */
const TICK_MS = 50;

/** Lets the cluster live: so many changes a second, always the same ones in the same order for the same seed. */
export function startChurn(store: Store, seed: number, changesPerSecond: number): Disposable {
  const dice = new Dice(seed);
  let owed = 0;
  const timer = setInterval(() => {
    owed += (changesPerSecond * TICK_MS) / 1000;
    for (; owed >= 1; owed -= 1) changeSomething(store, dice);
  }, TICK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Mostly pods report, some are replaced, now and then a deployment is scaled. */
export function changeSomething(store: Store, dice: Dice): void {
  const what = `change ${store.revision}`;
  const drawn = dice.fraction(what);
  if (drawn < 0.7) restart(store, dice, what);
  else if (drawn < 0.9) replace(store, dice, what);
  else scaleOne(store, dice, what);
}

function restart(store: Store, dice: Dice, what: string): void {
  const pod = someone(store, dice, "pods", what);
  if (pod === null) return;
  const document = pod.read();
  const { status } = document;
  store.change("pods", pod.key, (revision) => {
    const changed = isJsonObject(status) ? { ...status, containerStatuses: restarted(status) } : {};
    return { ...revised(document, revision), status: changed };
  });
}

function restarted(status: JsonObject): JsonObject[] {
  const list = status["containerStatuses"];
  const statuses = Array.isArray(list) ? list.filter(isJsonObject) : [];
  return statuses.map((entry) => ({ ...entry, restartCount: Number(entry["restartCount"] ?? 0) + 1 }));
}

/** As a controller does it: the old pod goes, one of the same template comes under a new name. */
function replace(store: Store, dice: Dice, what: string): void {
  const pod = someone(store, dice, "pods", what);
  if (pod === null) return;
  const document = pod.read();
  const { namespace, generateName } = metadataOf(document);
  if (typeof namespace !== "string" || typeof generateName !== "string") return;
  store.change("pods", pod.key, () => null);
  const name = generateName + dice.suffix(5, `name ${what}`);
  store.change("pods", keyOf({ namespace, name }), (revision) => {
    const creationTimestamp = isoTime(store.now);
    return revised(document, revision, { name, uid: dice.uuid(`uid ${what}`), creationTimestamp });
  });
}

function scaleOne(store: Store, dice: Dice, what: string): void {
  const deployment = someone(store, dice, "deployments", what);
  if (deployment === null) return;
  const [namespace = "", name = ""] = deployment.key.split("/");
  const object = { resource: "deployments", namespace, name };
  applyChange({ kind: "scale", object, replicas: dice.below(10, `replicas ${what}`) }, store);
}

/** Some object of a kind: the first that lies behind a random one of those that were generated. */
function someone(store: Store, dice: Dice, resource: string, what: string): Entry | null {
  const collection = store.collection(resource);
  if (collection === null) return null;
  const from = collection.someKey(dice.fraction(`pick ${what}`));
  const [behind] = collection.scan({ from, to: null }, store.revision);
  if (behind !== undefined) return behind;
  const [first] = collection.scan({ from: "", to: null }, store.revision);
  return first ?? null;
}
