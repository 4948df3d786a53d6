/** Grey windows (PS3.3 C.11.2.1.2), and presets that are fitted to a volume's own histogram. */
import type { GreyWindow } from "./scene";
import { clamp } from "./sheet";

export type VoiFunction = "LINEAR" | "LINEAR_EXACT" | "SIGMOID";
export type PresetName = "bone" | "teeth" | "soft" | "implant";

export function windowOf(low: number, high: number): GreyWindow {
  return { center: Math.round((low + high) / 2), width: Math.max(Math.round(high - low), 1) };
}

/** A drag to the right widens the window, a drag upwards brightens the picture; 800 pixels span the whole range. */
export function dragWindow(
  window: GreyWindow,
  dx: number,
  dy: number,
  range: readonly [number, number],
): GreyWindow {
  const perPixel = Math.max((range[1] - range[0]) / 800, 0.05);
  const width = clamp(window.width + dx * perPixel, 1, 2 * (range[1] - range[0]) + 1);
  return { center: window.center + dy * perPixel, width };
}

/** What the presets are fitted to: 256 counts, evenly spaced from `low` to `high`. */
export interface Histogram {
  readonly counts: Float64Array;
  readonly low: number;
  readonly high: number;
}

export function histogramOf(preview: Uint8Array, low: number, high: number): Histogram {
  const counts = new Float64Array(256);
  for (const value of preview) counts[value] = (counts[value] ?? 0) + 1;
  return { counts, low, high };
}

/** Otsu's threshold between `from` and `to`: the split of the counts into the two most distinct classes. */
export function otsu(counts: Float64Array, from: number, to: number): number {
  let total = 0;
  let sum = 0;
  for (let i = from; i <= to; i++) {
    total += counts[i] ?? 0;
    sum += i * (counts[i] ?? 0);
  }
  let below = 0;
  let sumBelow = 0;
  let best = -1;
  let threshold = from;
  for (let i = from; i < to; i++) {
    below += counts[i] ?? 0;
    sumBelow += i * (counts[i] ?? 0);
    if (below === 0 || below === total) continue;
    const distance = sumBelow / below - (sum - sumBelow) / (total - below);
    const between = below * (total - below) * distance * distance;
    if (between > best) {
      best = between;
      threshold = i;
    }
  }
  return threshold;
}

/**
 * Windows for dental reading. CBCT values are not calibrated Hounsfield units, so the borders between air, soft
 * tissue, bone and enamel are looked for in this volume's histogram.
 */
export function fitPresets(
  histogram: Histogram,
  stated: GreyWindow | null,
  range: readonly [number, number],
): Readonly<Record<PresetName, GreyWindow>> {
  const { counts, low, high } = histogram;
  const valueOfBin = (bin: number) => low + ((high - low) * bin) / 255;
  const air = otsu(counts, 0, 255);
  const bone = otsu(counts, air + 1, 255);
  const enamel = otsu(counts, bone + 1, 255);
  return {
    bone: stated ?? windowOf(valueOfBin(air), valueOfBin(255)),
    teeth: windowOf(valueOfBin((air + bone) / 2), valueOfBin(2 * enamel - bone)),
    soft: windowOf(valueOfBin(0), valueOfBin(bone + (bone - air) / 2)),
    implant: windowOf(valueOfBin(air), Math.min(range[1], valueOfBin(4 * enamel - 3 * bone))),
  };
}
