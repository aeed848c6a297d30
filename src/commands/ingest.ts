import { Command } from "commander";
import { environment } from "../config/env.ts";
import { loadIngestSettings } from "../config/ingest.ts";
import { interruption } from "../terminal/interrupt.ts";
import { chooseStream } from "./choose-stream.ts";
import { untilStopped } from "./service.ts";
import {
  settingsSources,
  tellAfter,
  withCommonOptions,
  withDatabaseOptions,
  withKafkaOptions,
  withStreamOption,
  type CommonOptions,
} from "./options.ts";

const FLAGS: readonly (readonly [flag: string, about: string])[] = [
  ["--mode <mode>", "hybrid-kafka: to Kafka; legacy: straight to PostgreSQL (KAFKA_ENABLED)"],
  ["--port <port>", "where HTTP is spoken; 0 takes a free one (PORT, 8080)"],
  ["--host <address>", "address to listen at; this machine only unless named (CLUSTERFLOW_HOST, 127.0.0.1)"],
  ["--failover <way>", "while Kafka is away: spool or direct (CLUSTERFLOW_FAILOVER, spool)"],
  ["--spool-dir <folder>", "where events wait for Kafka (CLUSTERFLOW_SPOOL_DIR)"],
  ["--spool-limit <size>", "what they may take on the disk (CLUSTERFLOW_SPOOL_LIMIT, 1GiB)"],
  ["--signup <who>", "closed, or readers: people make themselves users who may read (CLUSTERFLOW_SIGNUP)"],
  ["--jwt-secret-file <path>", "file that holds the secret which signs tokens (JWT_SECRET_FILE)"],
  ["--jwt-private-key-location <path>", "RSA key that signs tokens instead, PEM (JWT_PRIVATE_KEY_LOCATION)"],
  ["--jwt-public-key-location <path>", "RSA key of tokens from elsewhere, PEM (JWT_PUBLIC_KEY_LOCATION)"],
  [
    "--jwt-secret-previous-file <path>",
    "former secret: believed, never signed with (JWT_SECRET_PREVIOUS_FILE)",
  ],
  [
    "--jwt-public-key-previous-location <path>",
    "former RSA key, believed too, PEM (JWT_PUBLIC_KEY_PREVIOUS_LOCATION)",
  ],
  ["--jwt-issuer <name>", "who issues tokens (JWT_ISSUER, clusterflow)"],
  ["--jwt-audience <name>", "for whom they are (JWT_AUDIENCE, clusterflow)"],
];

export function ingestCommand(): Command {
  const command = new Command("ingest").description(
    "take events over HTTP and bring them to Kafka, or to PostgreSQL; each that is acknowledged is down",
  );
  for (const [flag, about] of FLAGS) command.option(flag, about);
  withCommonOptions(withDatabaseOptions(withKafkaOptions(withStreamOption(command))));
  return command.action(async (options: CommonOptions) => {
    const sources = settingsSources(options, "ingest");
    const { stream, own } = await chooseStream(sources);
    const { settings, notices } = loadIngestSettings(sources, own);
    const run = { tell: tellAfter(notices), signal: interruption(), environment: environment() };
    const { ingest } = await import("../flows/ingest/ingest.ts");
    await untilStopped(ingest(settings, stream, run), run.signal);
  });
}
