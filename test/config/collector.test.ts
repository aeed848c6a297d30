import { describe, expect, it, vi } from "vitest";
import { loadCollectorSettings } from "../../src/config/collector.ts";
import { makeInput, thrownBy } from "./make-input.ts";

const KAFKA_FILE =
  "export KAFKA_ENABLED=true\nexport KAFKA_BROKERS=localhost:9092\nexport KAFKA_TOPIC=cluster-info\n";
const LEGACY_FILE = [
  "export KAFKA_ENABLED=false",
  "export DB_HOST=localhost",
  "export DB_PORT=5432",
  "export DB_NAME=clusterinfo",
  "export DB_USER=clusterinfo",
  "export DB_PASSWORD=devpassword",
  "export DB_SSLMODE=disable",
  "export LOG_LEVEL=info",
  "export LOG_FORMAT=text",
  "",
].join("\n");

describe("loadCollectorSettings", () => {
  it("reads the Kafka form of the mode's file and fills in the defaults", () => {
    const onLog = vi.fn();
    const { settings, notices } = loadCollectorSettings(
      makeInput({ files: { "env/.env.hybrid": KAFKA_FILE }, onLog }),
    );
    expect(settings).toEqual({
      mode: "hybrid-kafka",
      kafka: { brokers: ["localhost:9092"], topic: "cluster-info" },
      kubernetes: {
        kubeconfig: [],
        context: null,
        server: null,
        token: null,
        caFile: null,
        insecureSkipTlsVerify: false,
        clusterId: null,
        clusterName: null,
        pageSize: 500,
      },
      schedule: { intervalMs: null, giveUpAfterMs: 300_000 },
    });
    expect(onLog).toHaveBeenCalledExactlyOnceWith({ level: "info", format: "text" });
    expect(notices).toEqual([]);
  });

  it("reads the legacy form of the mode's file", () => {
    const { settings } = loadCollectorSettings(makeInput({ files: { "env/.env.hybrid": LEGACY_FILE } }));
    expect(settings).toMatchObject({
      mode: "legacy",
      database: {
        host: "localhost",
        port: 5432,
        database: "clusterinfo",
        user: "clusterinfo",
        password: "devpassword",
        sslmode: "disable",
        sslRootCert: null,
      },
    });
  });

  it("reads the end-to-end collector file of the replaced system as it was committed", () => {
    const text =
      "KAFKA_ENABLED=true\nKAFKA_BROKERS=localhost:9092\nKAFKA_TOPIC=cluster-info\nLOG_LEVEL=info\n" +
      "METRICS_PORT=8080\nAPI_PORT=8081\nCOLLECTION_INTERVAL=30s\n";
    const { settings, notices } = loadCollectorSettings(
      makeInput({ files: { e2e: text }, envFiles: ["e2e"] }),
    );
    expect(settings.schedule.intervalMs).toBe(30_000);
    expect(notices).toEqual([
      "METRICS_PORT in e2e:5 is not used by clusterflow",
      "API_PORT in e2e:6 is not used by clusterflow",
    ]);
  });

  it("lets --once stand over the interval of a file", () => {
    const environment = { KAFKA_ENABLED: "true", COLLECTION_INTERVAL: "30s" };
    expect(
      loadCollectorSettings(makeInput({ environment, flags: { once: true } })).settings.schedule.intervalMs,
    ).toBe(null);
  });
});

describe("precedence", () => {
  const topics = {
    flag: "from-flag",
    environment: "from-environment",
    later: "from-later",
    earlier: "from-earlier",
  };
  const files = { earlier: `KAFKA_TOPIC=${topics.earlier}\n`, later: `KAFKA_TOPIC=${topics.later}\n` };
  const mode = { CLUSTERFLOW_MODE: "hybrid-kafka" };
  const topicOf = (given: Parameters<typeof makeInput>[0]) =>
    loadCollectorSettings(makeInput(given)).settings.kafka?.topic;

  it("is flag, environment, the env file named last, the one before, default", () => {
    const environment = { ...mode, KAFKA_TOPIC: topics.environment };
    const envFiles = ["earlier", "later"];
    expect(topicOf({ flags: { topic: topics.flag }, environment, envFiles, files })).toBe(topics.flag);
    expect(topicOf({ environment, envFiles, files })).toBe(topics.environment);
    expect(topicOf({ environment: mode, envFiles, files })).toBe(topics.later);
    expect(topicOf({ environment: mode, envFiles: ["earlier"], files })).toBe(topics.earlier);
    expect(topicOf({ environment: mode })).toBe("cluster-info");
  });

  it("reads the mode's file when no env file is named, and not when one is", () => {
    const both = { ...files, "env/.env.hybrid": "KAFKA_TOPIC=from-mode-file\n" };
    expect(topicOf({ environment: mode, files: both })).toBe("from-mode-file");
    expect(topicOf({ environment: mode, files: both, envFiles: ["later"] })).toBe(topics.later);
    expect(topicOf({ environment: mode, files: { ...both, none: "" }, envFiles: ["none"] })).toBe(
      "cluster-info",
    );
  });

  it("takes an empty value for none and says so", () => {
    const { settings, notices } = loadCollectorSettings(
      makeInput({ environment: { ...mode, KAFKA_TOPIC: "" } }),
    );
    expect(settings.kafka?.topic).toBe("cluster-info");
    expect(notices).toEqual(["KAFKA_TOPIC in the environment is empty and counts as not given"]);
  });
});

describe("two spellings", () => {
  const load = (text: string) => loadCollectorSettings(makeInput({ files: { f: text }, envFiles: ["f"] }));

  it("may stand side by side when they agree", () => {
    const { settings } = load(
      "KAFKA_ENABLED=true\nKAFKA_BROKERS=a:1, b:2\nKAFKA_BOOTSTRAP_SERVERS=a:1,b:2\n",
    );
    expect(settings.kafka?.brokers).toEqual(["a:1", "b:2"]);
  });

  it("are an error that names both when they disagree", () => {
    const error = thrownBy(() =>
      load("KAFKA_ENABLED=true\nKAFKA_BROKERS=a:1\nKAFKA_BOOTSTRAP_SERVERS=b:2\n"),
    );
    expect(error.code).toBe("usage");
    expect(error.message).toBe(
      'KAFKA_BROKERS in f:2 and KAFKA_BOOTSTRAP_SERVERS in f:3 disagree: "a:1" and "b:2"; keep one of them',
    );
  });

  it("are an error when one name stands there twice with different values", () => {
    const error = thrownBy(() => load("KAFKA_ENABLED=true\nKAFKA_TOPIC=a\nKAFKA_TOPIC=b\n"));
    expect(error.message).toContain("KAFKA_TOPIC in f:2 and KAFKA_TOPIC in f:3 disagree");
  });

  it("may differ between sources: the higher one counts", () => {
    const files = { f: "KAFKA_ENABLED=true\nKAFKA_BROKERS=a:1\n" };
    const environment = { KAFKA_BOOTSTRAP_SERVERS: "b:2" };
    const { settings } = loadCollectorSettings(makeInput({ files, envFiles: ["f"], environment }));
    expect(settings.kafka?.brokers).toEqual(["b:2"]);
  });
});

describe("the mode", () => {
  it("comes from --mode before CLUSTERFLOW_MODE before KAFKA_ENABLED in a lower source, and the overruled one is told", () => {
    const files = { "env/.env.hybrid": "KAFKA_ENABLED=false\n" };
    const { settings, notices } = loadCollectorSettings(
      makeInput({ files, flags: { mode: "hybrid-kafka" } }),
    );
    expect(settings.mode).toBe("hybrid-kafka");
    expect(notices).toEqual([
      "KAFKA_ENABLED in env/.env.hybrid:1 means mode legacy; --mode counts more: mode hybrid-kafka",
    ]);
    const environment = { CLUSTERFLOW_MODE: "hybrid-kafka" };
    expect(loadCollectorSettings(makeInput({ files, environment })).settings.mode).toBe("hybrid-kafka");
  });

  it("that contradicts itself within one source is an error", () => {
    const environment = { CLUSTERFLOW_MODE: "hybrid-kafka", KAFKA_ENABLED: "false" };
    expect(thrownBy(() => loadCollectorSettings(makeInput({ environment }))).message).toBe(
      "CLUSTERFLOW_MODE in the environment says hybrid-kafka and KAFKA_ENABLED in the environment means legacy; keep one of them",
    );
  });

  it("that nobody names is an error with the way out", () => {
    const error = thrownBy(() => loadCollectorSettings(makeInput()));
    expect(error.code).toBe("usage");
    expect(error.message).toContain("no mode is given");
    expect(error.hint).toContain("clusterflow setup");
    expect(error.hint).toContain("--mode");
  });

  it("is not asked for when the file that would name it cannot be read", () => {
    const error = thrownBy(() => loadCollectorSettings(makeInput({ envFiles: ["none.env"] })));
    expect(error.message).toBe("env file none.env does not exist");
    expect(error.hint).toContain("-f FILE");
  });

  it("that is misspelt is shown with what is wanted", () => {
    const error = thrownBy(() => loadCollectorSettings(makeInput({ flags: { mode: "kafka" } })));
    expect(error.message).toContain('--mode is "kafka"; wanted is one of legacy, hybrid-kafka');
  });
});

describe("all problems at once", () => {
  it("names each variable, where it came from, what was found and what is wanted", () => {
    const files = {
      f: "KAFKA_ENABLED=true\nKAFKA_BROKERS=localhost\nKAFKA_TOPIC=a b\nCOLLECTION_INTERVAL=often\nKAFKA_TOPICS=x\n",
    };
    const environment = { LOG_LEVEL: "loud", CLUSTERFLOW_KUBE_SERVER: "https://u:canary@h" };
    const error = thrownBy(() => loadCollectorSettings(makeInput({ files, envFiles: ["f"], environment })));
    expect(error.message.split("\n")).toEqual([
      "6 settings problems:",
      "  - KAFKA_TOPICS in f:5 is not a setting of clusterflow; did you mean KAFKA_TOPIC?",
      '  - LOG_LEVEL in the environment is "loud"; wanted is one of debug, info, warn, error',
      '  - KAFKA_BROKERS in f:2 is "localhost"; wanted is a list such as broker1:9092,broker2:9092',
      '  - KAFKA_TOPIC in f:3 is "a b"; wanted is a topic name: 1 to 249 letters, digits, dots, underscores or hyphens',
      '  - COLLECTION_INTERVAL in f:4 is "often"; wanted is a duration from 1s to 24d, such as 30s, 5m or 1h30m',
      '  - CLUSTERFLOW_KUBE_SERVER in the environment is "https://***@h"; wanted is an address such as https://host:6443, without user, query and fragment',
    ]);
  });
});
