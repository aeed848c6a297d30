import RequestQueue from "kafkajs/src/network/requestQueue/index.js";

/** How soon a queue that waits for room on the connection is looked at again; kafkajs's own number. */
const LOOK_AGAIN_MS = 10;

/**
 * kafkajs 2.2.4 looks at each connection's queue of unsent requests every millisecond for ever, also while it is
 * empty: some 7 % of a core per connection, and a warning about negative time-outs on Node 24. Here the timer is
 * armed only while something waits in the queue.
 */
export function patchRequestTimer(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = function (): void {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
    const throttledMs = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttledMs > 0 ? throttledMs : LOOK_AGAIN_MS,
    );
  };
}
