import { afterAll, beforeAll, it } from "vitest";
import { canMount, diskFull, ownServerFaults } from "./own-server-faults.ts";
import { openOwnServers, type OwnServers } from "./own-servers.ts";
import { prove } from "./prove.ts";

let own: OwnServers;
beforeAll(async () => {
  own = await openOwnServers();
});
afterAll(() => own[Symbol.asyncDispose]());

const servers = (): OwnServers => own;

it.each(ownServerFaults(servers).map((fault) => [fault.name, fault] as const))(
  "nothing is lost or doubled when %s",
  (_, fault) => prove(fault, own),
);

// A disk of our own is mounted: root on Linux only, and told as skipped elsewhere. What PostgreSQL says of a full disk
// is in the matrix for everybody.
it.runIf(canMount())("nothing is lost or doubled when the disk is really full", () =>
  prove(diskFull(servers), own),
);
