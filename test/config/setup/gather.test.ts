import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Answers, LocalAnswers } from "../../../src/config/setup/answers.ts";
import type { Asker } from "../../../src/config/setup/asker.ts";
import { gatherAnswers, gatherMode } from "../../../src/config/setup/gather.ts";
import type { SetupInput } from "../../../src/config/setup/gathering.ts";
import { makeFolder } from "../make-input.ts";
import { CANARY } from "./answers-of.ts";
import { CTRL_C, ScriptedAsker } from "./scripted-asker.ts";

const LOCAL: LocalAnswers = {
  brokers: ["127.0.0.1:19092"],
  database: {
    host: "127.0.0.1",
    port: 15432,
    database: "clusterinfo",
    user: "clusterinfo",
    password: "from-the-stack",
  },
  clusterUrl: "http://127.0.0.1:18001",
};

function inputOf(given: Partial<SetupInput> = {}): SetupInput {
  return {
    flags: {},
    environment: {},
    directory: "/nonexistent",
    existing: [],
    takesDefaults: false,
    local: null,
    passwordFromStdin: null,
    ...given,
  };
}

async function gather(
  given: Partial<SetupInput>,
  mode: Answers["mode"] = "hybrid-kafka",
  asker: Asker | null = null,
): Promise<Answers> {
  return (await gatherAnswers(inputOf(given), mode, asker)).answers;
}

async function noticesOf(given: Partial<SetupInput>): Promise<string> {
  return (await gatherAnswers(inputOf(given), "hybrid-kafka", null)).notices.join("\n");
}

const yes = { takesDefaults: true };

describe("gatherAnswers with nobody to ask", () => {
  it("takes the local stack's usual addresses with --yes and nothing else", async () => {
    expect(await gather(yes)).toEqual({
      mode: "hybrid-kafka",
      kafka: { brokers: "localhost:9092", topic: "cluster-info", group: "cluster-info-consumer" },
      database: {
        host: "localhost",
        port: "5432",
        name: "clusterinfo",
        user: "clusterinfo",
        password: { kind: "text", text: "devpassword" },
        isDefaultPassword: true,
        sslmode: "disable",
      },
      collector: { kubeconfig: null, context: null, server: null, interval: null },
      cluster: null,
    });
    expect(await gather(yes, "legacy")).not.toHaveProperty("kafka");
  });

  it("takes the real addresses of a stack that runs", async () => {
    const answers = await gather({ ...yes, local: LOCAL });
    expect(answers).toMatchObject({
      kafka: { brokers: "127.0.0.1:19092" },
      database: {
        host: "127.0.0.1",
        port: "15432",
        password: { text: "from-the-stack" },
        isDefaultPassword: true,
      },
      collector: { server: "http://127.0.0.1:18001" },
    });
  });

  it("names every flag that is missing without --yes", async () => {
    const error = gather({});
    await expect(error).rejects.toMatchObject({ code: "usage" });
    await expect(error).rejects.toThrow(
      "missing: --brokers, --topic, --group, --db-host, --db-port, --db-name, --db-user, --db-password-file or --db-password-stdin, --sslmode",
    );
    await expect(gather({}, "legacy")).rejects.toThrow("missing: --db-host, --db-port");
  });

  it("needs a password for a database elsewhere, also with --yes, and gives it no stack's port", async () => {
    const flags = { dbHost: "pg.example.org" };
    await expect(gather({ ...yes, flags, local: LOCAL })).rejects.toThrow("missing: --db-password-file");
    const answers = await gather({ ...yes, flags, local: LOCAL, passwordFromStdin: CANARY });
    expect(answers.database).toMatchObject({
      port: "5432",
      sslmode: "verify-full",
      password: { kind: "text", text: CANARY },
      isDefaultPassword: false,
    });
  });

  it("takes flags before the environment, and both before defaults", async () => {
    const environment = {
      DATABASE_URL: `postgres://me:${CANARY}@db:6000/store`,
      KAFKA_BOOTSTRAP_SERVERS: "env:1",
    };
    const answers = await gather({ ...yes, environment, flags: { brokers: "flag:1", dbUser: "flagged" } });
    expect(answers).toMatchObject({
      kafka: { brokers: "flag:1" },
      database: { host: "db", port: "6000", name: "store", user: "flagged", password: { text: CANARY } },
    });
  });

  it("does not freeze what a shell holds for psql and kubectl", async () => {
    const answers = await gather({ ...yes, environment: { PGHOST: "elsewhere", KUBECONFIG: "/k" } });
    expect(answers).toMatchObject({ database: { host: "localhost" }, collector: { kubeconfig: null } });
  });

  it("reports everything that does not fit at once, without a secret", async () => {
    const flags = {
      brokers: "x",
      topic: "a b",
      dbPort: "0",
      sslmode: "no",
      interval: "often",
      kubeServer: "ftp://h",
    };
    const failed = gather({ ...yes, flags, passwordFromStdin: `${CANARY}\nmore` });
    for (const part of [
      "--brokers is",
      "--topic is",
      "--db-port is",
      "--sslmode is",
      "--interval is",
      "--kube-server is",
    ]) {
      await expect(failed).rejects.toThrow(part);
    }
    await expect(failed).rejects.toThrow("the password holds a line break");
    await expect(failed).rejects.not.toThrow(CANARY);
  });

  it("lets the file of a password keep it, by flag and by environment", async () => {
    const directory = makeFolder({ secret: `${CANARY}\n` });
    const kept = { kind: "file", path: join(directory, "secret") };
    const byFlag = await gather({ ...yes, directory, flags: { dbPasswordFile: "secret" } });
    const byEnvironment = await gather({ ...yes, directory, environment: { DB_PASSWORD_FILE: "secret" } });
    expect([byFlag.database.password, byEnvironment.database.password]).toEqual([kept, kept]);
    await expect(gather({ ...yes, flags: { dbPasswordFile: "/nonexistent/x" } })).rejects.toThrow(
      "does not exist",
    );
  });

  it("refuses two ways to give a password, and flags that mean nothing in the mode", async () => {
    const twice = gather({ ...yes, flags: { dbPassword: false }, passwordFromStdin: "x" });
    await expect(twice).rejects.toThrow(
      "give one of --db-password-file, --db-password-stdin and --no-db-password",
    );
    await expect(gather({ ...yes, flags: { topic: "t" } }, "legacy")).rejects.toThrow(
      "--topic has no meaning in mode legacy",
    );
    await expect(gather({ ...yes, flags: { cluster: "synthetic:1" } })).rejects.toThrow(
      "--cluster has no meaning",
    );
    const both = gather({ ...yes, flags: { kubeServer: "https://h", kubeconfig: "/k" } });
    await expect(both).rejects.toThrow("--kube-server does without a kubeconfig");
  });

  it("takes --no-db-password for a server that asks for none", async () => {
    const answers = await gather({ ...yes, flags: { dbPassword: false } });
    expect(answers.database.password).toEqual({ kind: "none" });
  });
});

describe("gatherAnswers with servers that were named", () => {
  const named = { brokers: "kafka:9092", dbHost: "pg", dbUser: "clusterinfo" };
  const password = { passwordFromStdin: CANARY };
  const noCluster = { collector: { kubeconfig: null, context: null, server: null } };

  it.each([
    ["a broker and a database", { flags: named, ...password }],
    ["a broker", { flags: { brokers: "kafka:9092" } }],
    ["a database", { flags: { dbHost: "pg" }, ...password }],
    ["a database's address", { environment: { DATABASE_URL: `postgres://me:${CANARY}@pg/store` } }],
    ["a kubeconfig in the shell", { environment: { KUBECONFIG: "/k" } }],
  ])("does not read the local stack's made-up cluster for whoever names %s", async (_, given) => {
    expect(await gather({ ...yes, ...given, local: LOCAL })).toMatchObject(noCluster);
    expect(await noticesOf({ ...yes, ...given, local: LOCAL })).toContain(
      "the local stack's simulated cluster is not taken, since another server is named",
    );
  });

  it("does so in mode legacy and without --yes, too", async () => {
    const flags = { dbHost: "pg", dbPort: "1", dbName: "n", dbUser: "u", sslmode: "require" };
    const given = { flags, ...password, local: LOCAL };
    expect(await gather({ ...given, ...yes }, "legacy")).toMatchObject(noCluster);
    expect(await gather(given, "legacy")).toMatchObject(noCluster);
  });

  it("says that the made-up cluster is taken when nobody named a server", async () => {
    expect(await noticesOf({ ...yes, local: LOCAL })).toBe(
      "the cluster is the local stack's simulated one, http://127.0.0.1:18001; --kubeconfig or --kube-context names a real one",
    );
    expect(await noticesOf(yes)).toBe("");
    const all = { ...named, kubeContext: "prod" };
    expect(await noticesOf({ ...yes, flags: all, ...password, local: LOCAL })).toBe("");
  });

  it("says which servers are this machine's when others were named", async () => {
    expect(await noticesOf({ ...yes, flags: { brokers: "kafka:9092" } })).toBe(
      "not named, so this machine's: PostgreSQL at localhost:5432; --db-host names another",
    );
    expect(await noticesOf({ ...yes, flags: { dbHost: "pg" }, ...password, local: LOCAL })).toContain(
      "not named, so this machine's: Kafka at 127.0.0.1:19092; --brokers names another",
    );
  });
});

describe("gatherAnswers over the files of an earlier setup", () => {
  const existing = [".env.hybrid", ".env.hybrid-consumer"];
  const folderOf = (brokers: string, host: string, more = "") =>
    makeFolder({
      ".env.hybrid": `KAFKA_ENABLED=true\nKAFKA_BROKERS=${brokers}\nKAFKA_TOPIC=t\nCOLLECTION_INTERVAL=1h\n${more}`,
      ".env.hybrid-consumer":
        `KAFKA_ENABLED=true\nKAFKA_BROKERS=${brokers}\nKAFKA_TOPIC=t\nKAFKA_GROUP_ID=g\nDATABASE_HOST=${host}\n` +
        `DATABASE_PORT=6000\nDATABASE_NAME=n\nDATABASE_USER=u\nDATABASE_PASSWORD=${CANARY}\nDATABASE_SSLMODE=require\n`,
    });
  const remote = {
    kafka: { brokers: "k:1", topic: "t", group: "g" },
    database: {
      host: "pg",
      port: "6000",
      name: "n",
      user: "u",
      password: { text: CANARY },
      sslmode: "require",
    },
  };

  it.each([null, LOCAL])("keeps what they say but for the flag that is given", async (local) => {
    const given = { directory: folderOf("k:1", "pg"), existing, local, ...yes, flags: { interval: "5m" } };
    expect(await gather(given)).toMatchObject({
      ...remote,
      collector: { interval: "5m", server: null },
    });
  });

  it("gives way to the environment and to flags, setting by setting", async () => {
    const given = { directory: folderOf("k:1", "pg"), existing, ...yes };
    const environment = { KAFKA_BROKERS: "env:1", DATABASE_NAME: "other" };
    expect(await gather({ ...given, environment, flags: { topic: "flagged" } })).toMatchObject({
      kafka: { brokers: "env:1", topic: "flagged", group: "g" },
      database: { host: "pg", name: "other", user: "u", password: { text: CANARY } },
      collector: { interval: "1h" },
    });
    expect(await gather({ ...given, flags: { interval: "once" } })).toMatchObject({
      collector: { interval: null },
    });
  });

  it("takes a running stack for each server that was on this machine, and keeps the others", async () => {
    const stack = {
      host: "127.0.0.1",
      port: "15432",
      password: { text: "from-the-stack" },
      sslmode: "disable",
    };
    const of = (directory: string) => gather({ directory, existing, local: LOCAL, ...yes });
    expect(
      await of(folderOf("127.0.0.1:1", "localhost", "CLUSTERFLOW_KUBE_SERVER=http://127.0.0.1:1\n")),
    ).toMatchObject({
      kafka: { brokers: "127.0.0.1:19092", topic: "t", group: "g" },
      database: { ...stack, user: "clusterinfo" },
      collector: { server: "http://127.0.0.1:18001", interval: "1h" },
    });
    expect(await of(folderOf("k:1", "localhost"))).toMatchObject({
      kafka: { brokers: "k:1" },
      database: stack,
      collector: { server: null },
    });
    expect(await of(folderOf("localhost:1", "pg"))).toMatchObject({
      kafka: { brokers: "127.0.0.1:19092" },
      database: remote.database,
    });
  });

  it("keeps the addresses on this machine when no stack runs", async () => {
    const directory = folderOf("127.0.0.1:1", "localhost", "CLUSTERFLOW_KUBE_SERVER=http://127.0.0.1:1\n");
    expect(await gather({ directory, existing, ...yes })).toMatchObject({
      kafka: { brokers: "127.0.0.1:1" },
      database: { host: "localhost", port: "6000", password: { text: CANARY }, isDefaultPassword: false },
      collector: { server: "http://127.0.0.1:1" },
    });
  });

  it("keeps a cluster that they name, as a whole", async () => {
    const of = (more: string, given: Partial<SetupInput> = {}) =>
      gather({ directory: folderOf("k:1", "pg", more), existing, local: LOCAL, ...yes, ...given });
    const context = "KUBECONFIG=/k\nCLUSTERFLOW_KUBE_CONTEXT=prod\n";
    expect(await of(context)).toMatchObject({
      collector: { kubeconfig: "/k", context: "prod", server: null },
    });
    expect(await of(context, { flags: { kubeServer: "https://h" } })).toMatchObject({
      collector: { kubeconfig: null, context: null, server: "https://h" },
    });
    const simulated = "CLUSTERFLOW_KUBE_SERVER=http://127.0.0.1:1\n";
    expect(await of(simulated, { environment: { KUBECONFIG: "/k" } })).toMatchObject({
      collector: { server: null },
    });
    const given = { directory: folderOf("k:1", "pg", simulated), existing, ...yes };
    expect(await noticesOf(given)).toContain("the cluster is http://127.0.0.1:1, as in the existing file");
  });

  it("sends a password to no other host and for no other user", async () => {
    const given = { directory: folderOf("k:1", "pg"), existing, ...yes };
    for (const flags of [{ dbHost: "other" }, { dbUser: "other" }])
      await expect(gather({ ...given, flags })).rejects.toThrow("missing: --db-password-file");
    const answers = await gather({ ...given, flags: { dbHost: "other" }, passwordFromStdin: "new" });
    expect(answers.database).toMatchObject({ host: "other", port: "6000", name: "n", sslmode: "require" });
    const home = await gather({ ...given, flags: { dbHost: "localhost" } });
    expect(home.database).toMatchObject({
      port: "5432",
      password: { text: "devpassword" },
      sslmode: "disable",
    });
  });

  it("keeps a password's file unread, and that there is none", async () => {
    const start = "DATABASE_HOST=pg\nDATABASE_USER=u\n";
    const of = async (line: string) => {
      const directory = makeFolder({ ".env.hybrid": "", ".env.hybrid-consumer": `${start}${line}` });
      return (await gather({ directory, existing, ...yes })).database.password;
    };
    expect(await of("DATABASE_PASSWORD_FILE=/nonexistent/secret\n")).toEqual({
      kind: "file",
      path: "/nonexistent/secret",
    });
    expect(await of("")).toEqual({ kind: "none" });
  });

  it("passes over what does not fit", async () => {
    const directory = makeFolder({
      ".env.hybrid": "KAFKA_BROKERS=x\nCOLLECTION_INTERVAL=often\nCLUSTERFLOW_KUBE_SERVER=ftp://h\n",
      ".env.hybrid-consumer": "DATABASE_PORT=0\n",
    });
    expect(await gather({ directory, existing, ...yes })).toMatchObject({
      kafka: { brokers: "localhost:9092" },
      database: { port: "5432" },
      collector: { interval: null, server: null },
    });
  });
});

describe("gatherAnswers for an end-to-end run", () => {
  it("makes a cluster up unless one is named on the command line", async () => {
    expect(await gather(yes, "e2e")).toMatchObject({
      cluster: "synthetic:2000",
      collector: { server: null },
    });
    expect(await gather({ ...yes, environment: { KUBECONFIG: "/prod" } }, "e2e")).toMatchObject({
      cluster: "synthetic:2000",
    });
    expect(await gather({ ...yes, flags: { kubeconfig: "/k" } }, "e2e")).toMatchObject({
      cluster: null,
      collector: { kubeconfig: "/k" },
    });
    expect(await gather({ ...yes, flags: { cluster: "synthetic:50:7" } }, "e2e")).toMatchObject({
      cluster: "synthetic:50:7",
    });
    await expect(gather({ ...yes, flags: { cluster: "real" } }, "e2e")).rejects.toThrow(
      "wanted is synthetic:N",
    );
  });

  it("reads the generated cluster where the stack serves it", async () => {
    const answers = await gather({ ...yes, local: LOCAL }, "e2e");
    expect(answers).toMatchObject({
      cluster: "synthetic:2000",
      collector: { server: "http://127.0.0.1:18001" },
    });
  });

  it("does not let a shell's addresses pull it elsewhere", async () => {
    const environment = {
      DATABASE_URL: "postgres://me:x@production/store",
      KAFKA_BROKERS: "production:9092",
    };
    expect(await gather({ ...yes, environment }, "e2e")).toMatchObject({
      kafka: { brokers: "localhost:9092" },
      database: { host: "localhost" },
    });
  });
});

describe("gatherAnswers at a terminal", () => {
  it("asks what no flag has answered, in the order of the data path", async () => {
    const asker = new ScriptedAsker({ "PostgreSQL host": "db", "Password of": "type", "Type the": CANARY });
    const answers = await gather({ flags: { topic: "t" } }, "hybrid-kafka", asker);
    expect(asker.asked.map((question) => question.split(" (")[0])).toEqual([
      "Kafka brokers",
      "Consumer group",
      "PostgreSQL host",
      "PostgreSQL port",
      "Database",
      "User",
      "Password of that user",
      "Type the password",
      "TLS to PostgreSQL",
      "Which cluster shall be read?",
      "Collect how often",
    ]);
    expect(answers.database).toMatchObject({
      host: "db",
      password: { text: CANARY },
      sslmode: "verify-full",
    });
  });

  it("asks nothing that has a default with --yes", async () => {
    const asker = new ScriptedAsker();
    await gather({ ...yes, local: LOCAL }, "hybrid-kafka", asker);
    expect(asker.asked).toEqual([]);
  });

  it("offers a stack that runs, and then asks no address", async () => {
    const asker = new ScriptedAsker();
    const answers = await gather({ local: LOCAL }, "hybrid-kafka", asker);
    expect(answers.database).toMatchObject({ port: "15432", isDefaultPassword: true });
    expect(asker.asked.some((question) => /brokers|PostgreSQL|Password/.test(question.slice(0, 10)))).toBe(
      false,
    );
    const other = new ScriptedAsker({ "A local stack": false, "Password of": "none" });
    expect(await gather({ local: LOCAL }, "hybrid-kafka", other)).toMatchObject({
      kafka: { brokers: "localhost:9092" },
    });
  });

  it("does not offer it to whoever names a server", async () => {
    const asker = new ScriptedAsker({ "Password of": "none" });
    const answers = await gather({ local: LOCAL, flags: { dbHost: "pg" } }, "hybrid-kafka", asker);
    expect(asker.asked.some((question) => question.startsWith("A local stack"))).toBe(false);
    expect(answers.database).toMatchObject({ host: "pg", port: "5432" });
    expect(asker.asked).toContain("PostgreSQL port");
  });

  it("offers again what the existing files say, so that Enter changes nothing", async () => {
    const directory = makeFolder({
      ".env.hybrid":
        "KAFKA_ENABLED=true\nKAFKA_BROKERS=k:1\nCLUSTERFLOW_KUBE_SERVER=https://h:6443\nCOLLECTION_INTERVAL=5m\n",
      ".env.hybrid-consumer": `DB_HOST=db\nDB_NAME=n\nDB_PASSWORD='${CANARY}'\nDB_SSLMODE=require\n`,
    });
    const existing = [".env.hybrid", ".env.hybrid-consumer"];
    expect(await gather({ directory, existing }, "hybrid-kafka", new ScriptedAsker())).toMatchObject({
      kafka: { brokers: "k:1" },
      database: { host: "db", name: "n", password: { text: CANARY }, sslmode: "require" },
      collector: { server: "https://h:6443", interval: "5m" },
    });
  });

  it("takes a context, an address or kubectl's own way to the cluster", async () => {
    const collectorOf = async (replies: Record<string, string>) =>
      (await gather({}, "legacy", new ScriptedAsker(replies))).collector;
    expect(await collectorOf({ Which: "context", Context: " prod " })).toMatchObject({
      context: "prod",
      server: null,
    });
    expect(await collectorOf({ Which: "server", Address: "https://h:6443" })).toMatchObject({
      server: "https://h:6443",
    });
    expect(await collectorOf({ Which: "kubectl", "Collect how": "1h" })).toMatchObject({
      server: null,
      interval: "1h",
    });
  });

  it("ends at Ctrl-C at any question", async () => {
    const all = new ScriptedAsker({ "Password of": "type", "Type the": "x" });
    await gather({}, "hybrid-kafka", all);
    for (const question of all.asked) {
      const leaving = new ScriptedAsker({ [question]: CTRL_C, "Password of": "type", "Type the": "x" });
      await expect(gather({}, "hybrid-kafka", leaving)).rejects.toMatchObject({ code: "interrupted" });
    }
  });
});

describe("gatherMode", () => {
  it("takes the flag, asks, or names the flag", async () => {
    expect(await gatherMode("E2E", null)).toBe("e2e");
    expect(await gatherMode(undefined, new ScriptedAsker({ What: "legacy" }))).toBe("legacy");
    await expect(gatherMode(undefined, null)).rejects.toThrow("--mode is missing");
    await expect(gatherMode("both", new ScriptedAsker())).rejects.toThrow(
      '--mode is "both"; wanted is one of',
    );
  });
});
