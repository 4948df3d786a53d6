/** Smaller volumes over the same box: a preview that comes first, and one of half the resolution. */
import { ViewerError } from "./problem";
import { requestBytes, withRetry } from "./request";
import type { SceneHalf, ScenePreview, SceneVolume } from "./scene";
import { type Bytes, lift } from "./stored";
import { type Reduced, texelScale } from "./volume";

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

export function fetchPreview(preview: ScenePreview, signal: AbortSignal): Promise<Bytes> {
  return fetchVoxels(preview, 1, "high", signal);
}

export function previewOf(preview: ScenePreview, bytes: Bytes, volume: SceneVolume): Reduced {
  const { columns, rows, slices, low, high } = preview;
  return { bytes, bits: 8, columns, rows, slices, depth: volume.slices, scale: [high - low, 0, low] };
}

/** The volume of half the resolution, whose last slice may reach beyond the box. */
export async function fetchHalf(half: SceneHalf, signal: AbortSignal): Promise<Reduced> {
  const { columns, rows, slices } = half;
  const bytes = await fetchVoxels(half, 2, "low", signal);
  lift(bytes, { bitsAllocated: 16, bitsStored: 16, isSigned: true });
  return { bytes, bits: 16, columns, rows, slices, depth: 2 * slices, scale: texelScale(16, 2 ** 15, 1, 0) };
}

async function fetchVoxels(
  from: ScenePreview | SceneHalf,
  bytesEach: number,
  priority: "high" | "low",
  signal: AbortSignal,
): Promise<Bytes> {
  const options = { accept: "application/octet-stream, */*", signal, priority };
  const bytes = await gunzipped(await withRetry(() => requestBytes(from.url, options), signal));
  if (bytes.length !== from.columns * from.rows * from.slices * bytesEach)
    throw new ViewerError("incomplete");
  return bytes;
}

/** Gunzip where the server sent a plain gzip body, without a content encoding. */
async function gunzipped(bytes: Bytes): Promise<Bytes> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
