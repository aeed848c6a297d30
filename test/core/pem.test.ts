import { expect, it } from "vitest";
import { holdsCertificate } from "../../src/core/pem.ts";

it.each([
  ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", true],
  ["text before\n-----BEGIN TRUSTED CERTIFICATE-----\n", true],
  ["", false],
  ["hello", false],
  ["-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", false],
])("a file of authorities: %j", (text, holds) => {
  expect(holdsCertificate(Buffer.from(text))).toBe(holds);
});
