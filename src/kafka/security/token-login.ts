import type { Mechanism } from "kafkajs";
import { ClusterflowError } from "../../core/errors.ts";

/**
 * SASL OAUTHBEARER (RFC 7628). Not kafkajs's own, which never looks at the server's answer: a server that refuses a
 * token says so there, as a document, and kafkajs would go on as if it had been taken.
 */
export function tokenLogin(token: () => Promise<string>): Mechanism["authenticationProvider"] {
  return ({ saslAuthenticate }) => ({
    authenticate: async () => {
      const first = withLength(`n,,\u0001auth=Bearer ${await token()}\u0001\u0001`);
      await saslAuthenticate({
        request: { encode: () => first },
        response: {
          decode: (answer: Buffer) => answer.subarray(4),
          parse: (answer: Buffer) => check(answer),
        },
      });
    },
  });
}

/** An empty answer is a yes. What a no says may hold pieces of the token, so it is not told. */
function check(answer: Buffer): void {
  if (answer.length === 0) return;
  throw new ClusterflowError("Kafka did not accept the token", {
    code: "unreachable",
    hint: "check who may issue tokens for these brokers, the audience, the scope and the clocks of both sides",
    vendorCode: "SASL_AUTHENTICATION_FAILED",
  });
}

/** kafkajs wants the bytes with their length in front, and hands the answer over in the same way. */
function withLength(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
