/** The preview of a volume: 8 bit, the same box, small enough to come first. */
import { ViewerError } from "./problem";
import { requestBytes, withRetry } from "./request";
import type { ScenePreview } from "./scene";
import type { Bytes } from "./volume";

/** A request that has been sent before its picture was made. */
export interface EarlyPreview {
  readonly preview: ScenePreview;
  readonly bytes: Promise<Bytes>;
}

export function sendEarly(preview: ScenePreview): EarlyPreview {
  const bytes = fetchPreview(preview, new AbortController().signal);
  // Its picture hears of a failure; if there is none any more, nobody has to.
  bytes.catch(() => undefined);
  return { preview, bytes };
}

export async function fetchPreview(preview: ScenePreview, signal: AbortSignal): Promise<Bytes> {
  const options = { accept: "application/octet-stream, */*", signal, priority: "high" } as const;
  const bytes = await gunzipped(await withRetry(() => requestBytes(preview.url, options), signal));
  if (bytes.length !== preview.columns * preview.rows * preview.slices) throw new ViewerError("incomplete");
  return bytes;
}

/** Gunzip where the server sent a plain gzip body, without a content encoding. */
async function gunzipped(bytes: Bytes): Promise<Bytes> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
