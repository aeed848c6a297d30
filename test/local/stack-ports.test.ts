import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { chooseStackPorts } from "../../src/local/stack-ports.ts";

const anyPorts = { postgres: null, kafka: null, cluster: null };
const one = { brokers: 1, cluster: null, ports: anyPorts };
const before = {
  postgres: 21_001,
  kafka: [21_002, 21_003, 21_004],
  controllers: [21_005, 21_006, 21_007],
  cluster: null,
};
const nobody = new Set<string>();

async function busyPort(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

describe("the ports of a stack", () => {
  it("are all different, one a server and one more a broker", async () => {
    const ports = await chooseStackPorts(
      { ...one, brokers: 3, cluster: { objects: 1, seed: 1 } },
      null,
      nobody,
    );
    const all = [ports.postgres, ...ports.kafka, ...ports.controllers, ports.cluster];
    expect(all).toHaveLength(8);
    expect(new Set(all).size).toBe(8);
    expect(all).not.toContain(null);
  });

  it("are those of the last start as long as they are free", async () => {
    await using busy = await busyPort();
    expect(await chooseStackPorts({ ...one, brokers: 3 }, before, nobody)).toEqual(before);
    const moved = await chooseStackPorts({ ...one, brokers: 3 }, { ...before, postgres: busy.port }, nobody);
    expect(moved.postgres).not.toBe(busy.port);
    expect(moved.kafka).toEqual(before.kafka);
  });

  it("stay where servers run, although they are taken: by those", async () => {
    await using busy = await busyPort();
    const ports = await chooseStackPorts(one, { ...before, postgres: busy.port }, new Set(["postgres"]));
    expect(ports.postgres).toBe(busy.port);
  });

  it("are not moved away from under a server that runs", async () => {
    const wanted = { ...one, ports: { ...anyPorts, postgres: 5433 } };
    await expect(chooseStackPorts(wanted, before, new Set(["postgres"]))).rejects.toThrow(
      "PostgreSQL runs already, on port 21001, and not on 5433.",
    );
  });

  it("count up from the one that was asked for, broker by broker", async () => {
    const wanted = { ...one, brokers: 3, ports: { ...anyPorts, kafka: 21_100 } };
    expect((await chooseStackPorts(wanted, null, nobody)).kafka).toEqual([21_100, 21_101, 21_102]);
  });

  it("keep a broker that comes back where the others look for it", async () => {
    await using busy = await busyPort();
    const taken = { ...before, kafka: [21_002, busy.port, 21_004] };
    const others = new Set(["kafka-1", "kafka-3"]);
    await expect(chooseStackPorts({ ...one, brokers: 3 }, taken, others)).rejects.toMatchObject({
      message: expect.stringContaining(
        `Port ${busy.port} of 127.0.0.1, wanted for Kafka, is taken`,
      ) as unknown,
      hint: "Free that port, or let the whole stack choose again: clusterflow local stop, then start.",
    });
  });
});
