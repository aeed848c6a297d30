import { readFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";

/** How the tests themselves reach an API server, apart from the code under test. */
export interface Access {
  readonly url: string;
  readonly token: string | null;
  readonly caFile: string | null;
}

export interface Answered {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The decoded body, or its text when it is no JSON. */
  readonly body: unknown;
}

/** One request with a JSON body and a JSON answer; any status is an answer. */
export async function requestJson(
  access: Access,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const url = new URL(path, access.url);
  const ca = access.caFile === null ? undefined : await readFile(access.caFile);
  const options = {
    method,
    agent: false,
    headers: {
      accept: "application/json",
      ...(access.token === null ? {} : { authorization: `Bearer ${access.token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
  };
  const request =
    url.protocol === "https:" ? https.request(url, { ...options, ca }) : http.request(url, options);
  const response = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
  });
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const {
    statusCode = 0,
    headers: answered,
    ...rest
  } = await response.then(async (incoming) => ({
    statusCode: incoming.statusCode,
    headers: incoming.headers,
    read: await text(incoming),
  }));
  return { status: statusCode, headers: answered, body: decode(rest.read) };
}

function decode(read: string): unknown {
  try {
    return JSON.parse(read);
  } catch {
    return read;
  }
}
