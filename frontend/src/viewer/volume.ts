/** A volume in memory: a smaller one of all of it, and the slices of full resolution that have arrived. */
import type { SceneHalf, SceneVolume, Vec3 } from "./scene";
import { type Bytes, type Format, lift, liftOf } from "./stored";

/** The largest volume that is held whole; a bigger one shows its preview and the slice in view. */
const LARGEST_BYTES_DESKTOP = 1_200_000_000;
const LARGEST_BYTES_MODEST = 420_000_000;
/** Slices that are kept when only the ones near the crosshair are loaded. */
const SLICES_KEPT = 24;

/** Phones have this much room beside what they show already. */
const LARGEST_HALF_BYTES = 100_000_000;

export type Detail = "whole" | "near" | "preview";

export interface Machine {
  readonly longestSide: number;
  readonly memoryGb: number;
  readonly largestTexture: number;
  /** The reader pays for what is loaded, and has said so. */
  readonly savesData: boolean;
}

/** A smaller volume over the same box, shown where full resolution is not there. */
export interface Reduced {
  readonly bytes: Bytes;
  readonly bits: 8 | 16;
  readonly columns: number;
  readonly rows: number;
  readonly slices: number;
  /** How many slices of the full volume it reaches over. */
  readonly depth: number;
  readonly scale: TexelScale;
}

/** Factors of the low and the high byte of a texel (each from 0 to 1), and what is added, to give a value. */
export type TexelScale = readonly [number, number, number];

/** The scale of stored values that were lifted by `offset`, after slope and intercept. */
export function texelScale(bits: 8 | 16, offset: number, slope: number, intercept: number): TexelScale {
  const high = bits === 16 ? 255 * 256 * slope : 0;
  return [255 * slope, high, intercept - offset * slope];
}

/** What this device can hold: phones and small memories show the preview and the slice in view. */
export function detailFor(volume: SceneVolume, machine: Machine): Detail {
  if (volume.bits_allocated !== 8 && volume.bits_allocated !== 16) return "preview";
  const isPhone = machine.longestSide < 900 || machine.memoryGb < 4;
  return isPhone || !fitsWhole(volume, machine) ? "near" : "whole";
}

export function fitsWhole(volume: SceneVolume, machine: Machine): boolean {
  const bytes = sliceBytes(volume) * volume.slices;
  const largest = machine.memoryGb >= 8 ? LARGEST_BYTES_DESKTOP : LARGEST_BYTES_MODEST;
  const side = Math.max(volume.columns, volume.rows, volume.slices);
  return bytes <= largest && side <= machine.largestTexture;
}

/** Whether half the resolution is to be loaded beside the slice in view: it is what lies across the slices. */
export function wantsHalf(half: SceneHalf | null, machine: Machine): half is SceneHalf {
  if (!half || machine.savesData) return false;
  const { columns, rows, slices } = half;
  const isHeld = 2 * columns * rows * slices <= LARGEST_HALF_BYTES;
  return isHeld && Math.max(columns, rows, slices) <= machine.largestTexture;
}

export function sliceBytes(volume: SceneVolume): number {
  return (volume.columns * volume.rows * volume.bits_allocated) / 8;
}

export class Volume {
  reduced: Reduced | null = null;
  readonly #slices = new Map<number, Bytes>();

  constructor(
    readonly scene: SceneVolume,
    public detail: Detail,
  ) {}

  /** Signed values are lifted by half the range, so that one unsigned texture serves both. */
  get offset(): number {
    return liftOf(this.#format);
  }

  get #format(): Format {
    const { bits_allocated: bitsAllocated, bits_stored: bitsStored, is_signed: isSigned } = this.scene;
    return { bitsAllocated, bitsStored: bitsStored ?? bitsAllocated, isSigned };
  }

  get slices(): ReadonlyMap<number, Bytes> {
    return this.#slices;
  }

  /** Keep a slice; answers the index that had to go for it, if one had. */
  keep(index: number, bytes: Bytes): number | undefined {
    lift(bytes, this.#format);
    this.#slices.set(index, bytes);
    if (this.detail === "whole" || this.#slices.size <= SLICES_KEPT) return undefined;
    const oldest = this.#slices.keys().next().value;
    if (oldest !== undefined) this.#slices.delete(oldest);
    return oldest;
  }

  /** The value at a voxel after slope and intercept (PS3.3 C.11.1.1.2); null while it is not there. */
  valueAt(voxel: Vec3): number | null {
    const { columns, rows, slope, intercept, bits_allocated: bits } = this.scene;
    const [x, y, z] = voxel;
    const bytes = this.#slices.get(z);
    if (!bytes || x < 0 || y < 0 || x >= columns || y >= rows) return null;
    const at = y * columns + x;
    const stored = bits === 8 ? bytes[at] : (bytes[2 * at] ?? 0) + 256 * (bytes[2 * at + 1] ?? 0);
    return stored === undefined ? null : (stored - this.offset) * slope + intercept;
  }
}
