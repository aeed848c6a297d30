/**
 * Keys of the replaced systems' env files that steer what clusterflow does not have or does differently. Their
 * files are accepted as they are, and whoever wrote them is told.
 */
export const UNUSED_NAMES: ReadonlySet<string> = new Set([
  ...["KAFKA_PARTITION", "KAFKA_AUTO_OFFSET_RESET", "KAFKA_ENABLE_AUTO_COMMIT", "KAFKA_MAX_POLL_RECORDS"],
  ...["METRICS_ENABLED", "METRICS_ADDRESS", "METRICS_PORT"],
  ...["API_ENABLED", "API_ADDRESS", "API_PORT", "API_PREFIX"],
  ...["STREAMING_ENABLED", "STREAMING_ADDRESS"],
  ...["RETENTION_ENABLED", "RETENTION_MAX_AGE", "RETENTION_MAX_SNAPSHOTS", "RETENTION_CLEANUP_INTERVAL"],
  ...["RETENTION_DELETE_BATCH_SIZE", "ALERTING_ENABLED", "ALERTMANAGER_URL", "ALERTING_TIMEOUT"],
  ...["ALERTING_COLLECTION_FAILURES", "ALERTING_RESOURCE_THRESHOLDS", "ALERTING_NODE_DOWN"],
  ...["CONSUMER_SERVER_ENABLED", "CONSUMER_SERVER_ADDRESS", "CONSUMER_SERVER_PORT"],
  ...["MONGODB_URI", "MONGODB_DATABASE", "PROCESSING_BATCH_SIZE", "MAX_RETRIES"],
  ...["GITHUB_WEBHOOK_SECRET", "OPENAI_API_KEY", "ENCRYPTION_KEY", "CORS_ORIGINS", "MAX_WEBHOOK_REQUESTS"],
  "RATE_LIMIT_WINDOW_SECONDS",
]);

/** Whoever sets these counts on a protected connection, so one that is not known is not merely unused. */
export const KAFKA_SECURITY = /^KAFKA_(SASL|SSL|TLS|HTTPS|SECURITY|USERNAME|PASSWORD|INSECURE)/;

/** What libpq would honour in the environment and clusterflow does not; never passed over in silence. */
export const UNUSED_LIBPQ_NAMES: readonly string[] = [
  ...["PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE", "PGPASSFILE", "PGOPTIONS", "PGREQUIREPEER"],
  ...["PGSSLCOMPRESSION", "PGSSLSNI", "PGSSLNEGOTIATION", "PGSSLMAXPROTOCOLVERSION", "PGGSSENCMODE"],
];

/** Those that ask for a protection that clusterflow does not have, and the values with which they ask for none. */
export const REFUSED_LIBPQ_NAMES: Readonly<Record<string, readonly string[]>> = {
  PGSSLCRL: [],
  PGSSLCRLDIR: [],
  PGREQUIRESSL: ["0"],
  PGREQUIREAUTH: [],
  PGCHANNELBINDING: ["disable", "prefer"],
  PGSSLCERTMODE: ["allow"],
  PGSSLMINPROTOCOLVERSION: ["TLSv1", "TLSv1.1", "TLSv1.2"],
};
