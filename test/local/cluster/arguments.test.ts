import { describe, expect, it } from "vitest";
import { parseOptions } from "../../../src/local/cluster/arguments.ts";

describe("the arguments of the simulated server", () => {
  it("are a small quiet cluster on a free loopback port that lets everybody in, when none are given", () => {
    expect(parseOptions([])).toEqual({
      objects: 1000,
      seed: 1,
      host: "127.0.0.1",
      port: 0,
      churn: 0,
      rights: { token: null, clientCertificates: "ignored", denied: new Set() },
      tls: null,
    });
  });

  it("set what they name", () => {
    const args = "--objects 50 --seed 9 --host 0.0.0.0 --port 6443 --churn 3 --token t --deny secrets,pods";
    expect(parseOptions(args.split(" "))).toMatchObject({
      ...{ objects: 50, seed: 9, host: "0.0.0.0", port: 6443, churn: 3 },
      rights: { token: "t", denied: new Set(["secrets", "pods"]) },
    });
  });

  it.each([
    [["--objects", "many"], /--objects is a whole number/],
    [["--objects", "0"], /--objects is a whole number from 1/],
    [["--port", "70000"], /--port is a whole number/],
    [["--deny", "secret"], /there is no "secret"/],
    [["--tls-cert", "a.pem"], /both --tls-cert and --tls-key/],
    [["--tls-cert", "/nowhere/a.pem", "--tls-key", "/nowhere/b.pem"], /\/nowhere\/a.pem cannot be read/],
    [["--tls-cert", import.meta.filename, "--tls-key", import.meta.filename], /not usable PEM/],
    [["--colour", "red"], /--colour/],
  ])("are refused when they make no sense: %j", (args, message) => {
    expect(() => parseOptions(args)).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringMatching(message) as string }) as Error,
    );
  });
});
