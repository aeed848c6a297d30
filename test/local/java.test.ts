import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findJava, majorOf, parseJavaVersion } from "../../src/local/java.ts";
import { temporaryFolder } from "../support/cli.ts";

describe("a Java's version", () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment', "17.0.15", 17],
    ['java version "1.8.0_392"', "1.8.0_392", 8],
    ['openjdk version "21-ea" 2023-09-19', "21-ea", 21],
    ['openjdk version "25" 2025-09-16 LTS', "25", 25],
    ['Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "11.0.2"', "11.0.2", 11],
  ])("is read from %j", (output, version, major) => {
    expect(parseJavaVersion(output)).toBe(version);
    expect(majorOf(version)).toBe(major);
  });

  it("is not seen where there is none", () => {
    expect(parseJavaVersion("sh: java: command not found")).toBeNull();
  });
});

describe("the Java for the broker", () => {
  const { signal } = new AbortController();

  it("is JAVA_HOME's before PATH's, and PATH's when JAVA_HOME's is too old", async () => {
    await using folder = await temporaryFolder();
    const older = await fakeJava(folder, "older", "11.0.2");
    const newer = await fakeJava(folder, "newer", "21.0.1");
    const other = await fakeJava(folder, "other", "25");
    const found = await findJava({ JAVA_HOME: newer, PATH: join(other, "bin") }, signal);
    expect(found).toEqual({ file: join(newer, "bin", "java"), version: "21.0.1" });
    const fallback = await findJava({ JAVA_HOME: older, PATH: join(other, "bin") }, signal);
    expect(fallback).toEqual({ file: "java", version: "25" });
  });

  it("is missing with the line that installs it", async () => {
    await expect(findJava({ PATH: "/nonexistent" }, signal)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("Java was not found") as unknown,
      hint: "apt-get install -y openjdk-17-jre-headless maven",
    });
  });

  it("is refused when it is too old, with its version", async () => {
    await using folder = await temporaryFolder();
    const older = await fakeJava(folder, "older", "11.0.2");
    await expect(findJava({ PATH: join(older, "bin") }, signal)).rejects.toMatchObject({
      code: "usage",
      message: "java is Java 11.0.2; Kafka needs Java 17 or newer.",
    });
  });
});

/** A home with a program in it that says what that version says. */
async function fakeJava(
  folder: Awaited<ReturnType<typeof temporaryFolder>>,
  name: string,
  version: string,
): Promise<string> {
  const { mkdir } = await import("node:fs/promises");
  await mkdir(join(folder.path, name, "bin"), { recursive: true });
  const file = await folder.write(`${name}/bin/java`, `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`);
  await chmod(file, 0o755);
  return join(folder.path, name);
}
