import { type Batch, contentType, multipart } from "./batch";
import { sendInPieces } from "./pieces";

export interface Outcome {
  /** HTTP status; 0 when the line broke or the request was ended. */
  status: number;
  text: string;
  retryAfterS: number;
}

export type Send = (batch: Batch, onBytes: (sent: number) => void, signal: AbortSignal) => Promise<Outcome>;

const NO_LINE: Outcome = { status: 0, text: "", retryAfterS: 0 };

/** Send batches of an upload; `url` is its address. */
export function sender(url: () => string, csrfToken: () => string, pieceBytes: number): Send {
  return async (batch, onBytes, signal) => {
    const [first] = batch.parcels;
    if (first && batch.parcels.length === 1 && first.source.size > 2 * pieceBytes) {
      return sendInPieces(first, { url: url(), csrfToken, pieceBytes, onBytes, signal });
    }
    const boundary = `bitewing-${crypto.randomUUID()}`;
    // A file that cannot be read any more looks like a broken line; who retries finds out which one it is.
    const body = await multipart(batch, boundary).catch(() => null);
    if (!body || signal.aborted) return NO_LINE;
    return post(
      `${url()}/files`,
      csrfToken(),
      contentType(boundary),
      body,
      (sent) => onBytes(Math.min(sent, batch.bytes)),
      signal,
    );
  };
}

/** Send a body by XMLHttpRequest: `fetch` does not tell how many bytes have gone. */
export function post(
  url: string,
  csrfToken: string,
  type: string,
  body: Blob,
  onBytes: (sent: number) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const settle = () =>
      resolve({
        status: request.status,
        text: request.responseText,
        retryAfterS: Number(request.getResponseHeader("Retry-After") ?? 0) || 0,
      });
    request.open("POST", url);
    request.setRequestHeader("Content-Type", type);
    request.setRequestHeader("X-CSRFToken", csrfToken);
    request.upload.onprogress = (event) => onBytes(event.loaded);
    request.onloadend = settle;
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

/** Post a small question; a broken line is status 0, as it is with files. */
export async function ask(url: string, csrfToken: string, question: object): Promise<Outcome> {
  try {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(question) });
    const retryAfterS = Number(response.headers.get("Retry-After") ?? 0) || 0;
    return { status: response.status, text: await response.text(), retryAfterS };
  } catch {
    return NO_LINE;
  }
}

/** The token of the cookie, which changes when the person signs in again elsewhere; else that of the page. */
export function csrfToken(root: ParentNode): string {
  const cookie = /(?:^|; )(?:__Host-)?bitewing-csrf=([^;]+)/.exec(document.cookie)?.[1];
  return cookie ?? root.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
}
