import { chmod, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Report } from "../../src/core/report.ts";
import { kafkaPom, kafkaVersion, provideKafkaJars } from "../../src/local/kafka-jars.ts";
import { temporaryFolder } from "../support/cli.ts";

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

/** A PATH on which `mvn` does what the script says; `$into` is where the jars belong. */
async function request(
  folder: Folder,
  script: string | null,
): Promise<Parameters<typeof provideKafkaJars>[0]> {
  await mkdir(join(folder.path, "bin"));
  if (script !== null) {
    const into = 'for word; do case $word in -DoutputDirectory=*) into="${word#*=}" ;; esac; done';
    await chmod(await folder.write("bin/mvn", `#!/bin/sh\n${into}\n${script}\n`), 0o755);
  }
  const PATH = `${join(folder.path, "bin")}${script === null ? "" : ":/usr/bin:/bin"}`;
  const { signal } = new AbortController();
  return { cacheDir: join(folder.path, "cache"), environment: { PATH }, signal };
}

const silent = (): void => undefined;

describe("Kafka's jars", () => {
  it("are downloaded once, into a folder named after what the pom pins", async () => {
    await using folder = await temporaryFolder();
    const told: Report[] = [];
    const asked = await request(
      folder,
      `touch "$into/kafka_2.13-4.3.1.jar"; echo run >>"${folder.path}/runs"`,
    );
    const first = await provideKafkaJars(asked, (report) => told.push(report));
    const second = await provideKafkaJars(asked, (report) => told.push(report));
    expect(second).toEqual(first);
    expect(first.version).toBe("4.3.1");
    expect(first.folder).toMatch(/\/cache\/kafka-4\.3\.1-[0-9a-f]{8}$/);
    expect(await readdir(first.folder)).toEqual(["kafka_2.13-4.3.1.jar"]);
    expect(told).toEqual([{ kind: "notice", text: "Downloading Kafka 4.3.1 with Maven, once (45 MB)" }]);
  });

  it("are another pom's when that is asked for, in a folder of their own", async () => {
    await using folder = await temporaryFolder();
    const told: Report[] = [];
    const asked = await request(folder, `touch "$into/connect-runtime-4.3.1.jar"; echo "$@" >"$into/words"`);
    const set = { pom: kafkaPom("connect-pom.xml"), name: "kafka-connect", proof: "connect-runtime" };
    const jars = await provideKafkaJars(asked, (report) => told.push(report), { ...set, megabytes: 100 });
    expect(jars.folder).toMatch(/\/cache\/kafka-connect-4\.3\.1-[0-9a-f]{8}$/);
    expect(await readFile(join(jars.folder, "words"), "utf8")).toContain("env/kafka/connect-pom.xml");
    expect(told).toEqual([{ kind: "notice", text: "Downloading Kafka 4.3.1 with Maven, once (100 MB)" }]);
  });

  it("are not taken for whole when Maven was cut off, and nothing half is left", async () => {
    await using folder = await temporaryFolder();
    const asked = await request(folder, 'touch "$into/some.jar"; kill -9 $$');
    await expect(provideKafkaJars(asked, silent)).rejects.toMatchObject({ code: "unreachable" });
    expect(await readdir(asked.cacheDir)).toEqual([]);
  });

  it("are not taken for whole when the broker's own is not among them", async () => {
    await using folder = await temporaryFolder();
    const asked = await request(folder, 'touch "$into/some.jar"');
    await expect(provideKafkaJars(asked, silent)).rejects.toThrow("Maven could not download Kafka 4.3.1");
  });

  it("are missing with Maven's own reason when it cannot download them", async () => {
    await using folder = await temporaryFolder();
    const asked = await request(
      folder,
      "echo '[ERROR] Could not transfer artifact a:b:1 from central: Unknown host'; echo '[ERROR] more'; exit 1",
    );
    await expect(provideKafkaJars(asked, silent)).rejects.toMatchObject({
      code: "unreachable",
      retryable: true,
      message:
        "Maven could not download Kafka 4.3.1: Could not transfer artifact a:b:1 from central: Unknown host",
    });
  });

  it("are missing with the line that installs Maven when that is not there", async () => {
    await using folder = await temporaryFolder();
    await expect(provideKafkaJars(await request(folder, null), silent)).rejects.toMatchObject({
      code: "usage",
      message: "Maven (mvn) was not found in PATH; it is needed once, to download Kafka 4.3.1.",
      hint: "apt-get install -y openjdk-17-jre-headless maven",
    });
  });

  it("are missing because the disk is full when Maven says so", async () => {
    await using folder = await temporaryFolder();
    const asked = await request(folder, "echo '[ERROR] x.jar: No space left on device'; exit 1");
    await expect(provideKafkaJars(asked, silent)).rejects.toThrow(/^The disk that holds .* is full\.$/);
  });

  it("are those of the version in the pom", () => {
    expect(kafkaVersion("<properties><kafka.version>4.1.1</kafka.version></properties>")).toBe("4.1.1");
  });
});
