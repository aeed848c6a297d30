import { expect, it } from "vitest";
import { tlsCodeOf, tlsFaultOf } from "../../src/core/tls-fault.ts";

const coded = (code: string, message = ""): Error => Object.assign(new Error(message), { code });

it("tells the faults that trying again does not mend from those that it may", () => {
  expect(tlsFaultOf(coded("CERT_HAS_EXPIRED"))).toBe("expired");
  expect(tlsFaultOf(coded("CERT_REVOKED"))).toBe("revoked");
  expect(tlsFaultOf(coded("ERR_SSL_PACKET_LENGTH_TOO_LONG"))).toBe("no-tls");
  for (const other of [coded("ECONNRESET"), coded("constructor"), new Error("no code"), null])
    expect(tlsFaultOf(other)).toBeNull();
});

it("reads the same alert from a write, where Node codes it EPROTO", () => {
  const alert =
    "write EPROTO 00C8:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:ssl/record/rec_layer_s3.c:909:";
  expect(tlsCodeOf(coded("EPROTO", alert))).toBe("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA");
  expect(tlsFaultOf(coded("EPROTO", alert))).toBe("client-refused");
  expect(tlsFaultOf(coded("EPROTO", "write EPROTO"))).toBeNull();
});
