/** Requests that leave nothing behind in the browser, and say plainly why they failed. */
import { isAbort, problemOfStatus, ViewerError } from "./problem";

export interface RequestOptions {
  readonly accept: string;
  readonly signal: AbortSignal;
  readonly priority?: "high" | "low" | "auto";
}

export async function request(url: string, options: RequestOptions): Promise<Response> {
  const response = await fetchOrOffline(url, options);
  // A redirect is the way to the sign-in page: no address of the viewer redirects otherwise.
  if (response.type === "opaqueredirect") throw new ViewerError("session-ended");
  if (!response.ok) throw new ViewerError(problemOfStatus(response.status));
  return response;
}

async function fetchOrOffline(url: string, options: RequestOptions): Promise<Response> {
  try {
    return await fetch(url, {
      headers: { Accept: options.accept },
      cache: "no-store",
      credentials: "same-origin",
      redirect: "manual",
      referrerPolicy: "no-referrer",
      signal: options.signal,
      priority: options.priority ?? "auto",
    });
  } catch (error) {
    throw isAbort(error) ? error : new ViewerError("offline");
  }
}

export async function requestBytes(url: string, options: RequestOptions): Promise<Uint8Array<ArrayBuffer>> {
  const response = await request(url, options);
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw isAbort(error) ? error : new ViewerError("offline");
  }
}

export const RETRY_DELAYS_MS: readonly number[] = [400, 1200, 3600, 8000];

/** Repeat what may pass (connection, busy server), with growing pauses; everything else fails at once. */
export async function withRetry<T>(
  attempt: () => Promise<T>,
  signal: AbortSignal,
  delays: readonly number[] = RETRY_DELAYS_MS,
): Promise<T> {
  for (const delay of delays) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || !(error instanceof ViewerError && error.isTransient)) throw error;
    }
    await pause(delay, signal);
  }
  return attempt();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
