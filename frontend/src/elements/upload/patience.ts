/** Waiting between tries: longer each time, and not at all once the line is back. */

const FIRST_DELAY_S = 1;
const LAST_DELAY_S = 30;

/** No line, too busy, or a gateway without its server; a full store (507) is for the person. */
export function isTransient(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || (status >= 500 && status !== 507);
}

export class Patience {
  private delayS = FIRST_DELAY_S;

  /** How long the next wait is; the server's own wish comes first. */
  next(retryAfterS: number): number {
    const seconds = retryAfterS || this.delayS;
    this.delayS = Math.min(this.delayS * 2, LAST_DELAY_S);
    return seconds;
  }

  /** After a success the next wait is short again. */
  reset(): void {
    this.delayS = FIRST_DELAY_S;
  }
}

/** Wait, until the line is back, or until nobody waits any more. */
export function wait(seconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const ended = new AbortController();
    const end = () => {
      clearTimeout(timer);
      ended.abort();
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    signal.addEventListener("abort", end, { once: true, signal: ended.signal });
    addEventListener("online", end, { once: true, signal: ended.signal });
  });
}
