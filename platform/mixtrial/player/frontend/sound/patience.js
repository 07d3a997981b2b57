/** How long to wait when the server says that it is too much just now. */

const LONGEST_WAIT_MS = 30_000;

/**
 * The wait that an answer asks for with `Retry-After` (whole seconds).
 * @param {Response} response
 * @returns {number | null} in milliseconds; null when it asks for none
 */
export function askedWait_ms(response) {
  const asked = response.headers.get("Retry-After");
  if (asked === null || !/^\d{1,6}$/.test(asked)) return null;
  return Math.min(1000 * Number(asked), LONGEST_WAIT_MS);
}

/**
 * Wait, unless what is waited for is no longer wanted.
 * @param {number} wait_ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>} rejects when the signal is given
 */
export function pause(wait_ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, wait_ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
