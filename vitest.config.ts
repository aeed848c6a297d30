import { defineConfig } from "vitest/config";

/** `unit` needs nothing but Node; the others start a real PostgreSQL and a real Kafka once for all their files. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.int.test.ts", "test/contract/**"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "int",
          include: ["test/**/*.int.test.ts"],
          exclude: ["test/contract/**"],
          globalSetup: ["test/support/servers.setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          globalSetup: ["test/support/servers.setup.ts", "test/contract/kube-apiserver.setup.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/*.faults.ts"],
          globalSetup: ["test/support/servers.setup.ts"],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "soak",
          include: ["test/faults/*.soak.ts"],
          globalSetup: ["test/support/servers.setup.ts"],
          hookTimeout: 120_000,
        },
      },
      { test: { name: "mutants", include: ["test/mutants/*.mutants.ts"] } },
      {
        test: {
          name: "bench",
          include: ["bench/**/*.bench.ts"],
          globalSetup: ["test/support/servers.setup.ts"],
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
    ],
  },
});
