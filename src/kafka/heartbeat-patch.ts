import ConsumerGroup from "kafkajs/src/consumer/consumerGroup.js";

/** When a group last had a heartbeat of ours answered, by a clock that nobody sets. */
const beats = new WeakMap<ConsumerGroup, number>();
let isPatched = false;

/**
 * kafkajs 2.2.4 reckons by the calendar when the next heartbeat is due: a clock that is set back by an hour stops them
 * for that hour, the group gives the member's partitions away, and the member goes on without ever hearing of it.
 */
export function patchHeartbeats(): void {
  if (isPatched) return;
  isPatched = true;
  const { heartbeat } = ConsumerGroup.prototype;
  ConsumerGroup.prototype.heartbeat = async function ({ interval }): Promise<void> {
    const beatAt = beats.get(this) ?? -Infinity;
    if (performance.now() - beatAt < interval) return;
    await heartbeat.call(this, { interval: -Infinity }); // always due
    beats.set(this, performance.now());
  };
}
