import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { platform } from "node:process";
import { describe, expect, it } from "vitest";
import { listeningInodes, portHolder } from "../../src/local/port-holder.ts";

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000 65534        0 41234 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1538 0100007F:C350 01 00000000:00000000 00:00000000 00000000 65534        0 41300 1 0000000000000000 20 4 30 10 -1
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17 1 0000000000000000 100 0 0 10 0
`;

describe("the holder of a port", () => {
  it("is found by the inode of the socket that listens, not of those that are connected", () => {
    expect(listeningInodes(TABLE, 5432)).toEqual(["41234"]);
    expect(listeningInodes(TABLE, 80)).toEqual(["17"]);
    expect(listeningInodes(TABLE, 8080)).toEqual([]);
  });

  it("is this process for a port that it listens on, where the system tells", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const holder = portHolder(port);
    server.close();
    if (platform === "linux") expect(holder).toMatch(new RegExp(` \\(pid ${process.pid}\\)$`));
    else expect(holder).toBeNull();
  });
});
