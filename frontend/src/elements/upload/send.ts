import { type Batch, contentType, multipart } from "./batch";

export interface Outcome {
  /** HTTP status; 0 when the line broke or the request was ended. */
  status: number;
  text: string;
  retryAfterS: number;
}

export type Send = (batch: Batch, onBytes: (sent: number) => void, signal: AbortSignal) => Promise<Outcome>;

/** Send a batch by XMLHttpRequest: `fetch` does not tell how many bytes have gone. */
export function sender(url: string, csrfToken: () => string): Send {
  return (batch, onBytes, signal) =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const boundary = `bitewing-${crypto.randomUUID()}`;
      const settle = () =>
        resolve({
          status: request.status,
          text: request.responseText,
          retryAfterS: Number(request.getResponseHeader("Retry-After") ?? 0) || 0,
        });
      request.open("POST", url);
      request.setRequestHeader("Content-Type", contentType(boundary));
      request.setRequestHeader("Accept", "application/dicom+json");
      request.setRequestHeader("X-CSRFToken", csrfToken());
      request.upload.onprogress = (event) => onBytes(Math.min(event.loaded, batch.bytes));
      request.onloadend = settle;
      signal.addEventListener("abort", () => request.abort(), { once: true });
      request.send(multipart(batch, boundary));
    });
}

/** The token of the cookie, which changes when the person signs in again elsewhere; else that of the page. */
export function csrfToken(root: ParentNode): string {
  const cookie = /(?:^|; )(?:__Host-)?bitewing-csrf=([^;]+)/.exec(document.cookie)?.[1];
  return cookie ?? root.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
}
