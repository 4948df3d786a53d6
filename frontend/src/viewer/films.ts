/** Films: single images (periapical, bitewing, panoramic, cephalometric), as stored or as the server renders them. */
import type { Calibration } from "./measure";
import { type EdgeLetters, edgeLetters, orientationLetters } from "./plane";
import type { GreyWindow, SceneImage } from "./scene";
import type { Sheet } from "./sheet";
import type { Bytes } from "./volume";
import { type VoiFunction, windowOf } from "./window";

/** Grey values ready for a texture: unsigned, little endian, `offset` above what is stored. */
export interface GreyFilm {
  readonly kind: "grey";
  readonly bytes: Bytes;
  readonly bits: 8 | 16;
  readonly offset: number;
  readonly window: GreyWindow;
  readonly range: readonly [number, number];
}

export interface ColourFilm {
  readonly kind: "colour";
  readonly bitmap: ImageBitmap;
}

export type Film = GreyFilm | ColourFilm;

/** Colour and palettes come rendered (PS3.18 10.4.1.1.3); grey values come raw, so that they can be windowed. */
export function isRawGrey(image: SceneImage): boolean {
  const isGrey = image.PhotometricInterpretation.startsWith("MONOCHROME") && image.SamplesPerPixel === 1;
  return isGrey && (image.BitsAllocated === 8 || image.BitsAllocated === 16);
}

/** PS3.3 C.7.6.3.1.2: MONOCHROME1 shows its lowest value as white. */
export function isInverse(image: SceneImage): boolean {
  return image.PhotometricInterpretation === "MONOCHROME1";
}

export function voiFunctionOf(image: SceneImage): VoiFunction {
  const stated = image.voi_function;
  return stated === "SIGMOID" || stated === "LINEAR_EXACT" ? stated : "LINEAR";
}

export function makeGreyFilm(bytes: Bytes, image: SceneImage): GreyFilm {
  const offset = normalise(bytes, image);
  const [least, most] = extremes(bytes, image.BitsAllocated);
  const ends = [least, most].map((stored) => (stored - offset) * image.slope + image.intercept);
  const range: [number, number] = [Math.min(...ends), Math.max(...ends)];
  const window = image.window ?? windowOf(...range);
  return { kind: "grey", bytes, bits: image.BitsAllocated === 8 ? 8 : 16, offset, window, range };
}

/**
 * Clear what lies above the stored bits (PS3.5 8.1.1 once allowed overlays there) and lift signed values.
 * Changes `bytes` in place and answers the offset that was added.
 */
export function normalise(bytes: Bytes, image: SceneImage): number {
  const isSigned = image.PixelRepresentation === 1;
  const half = 2 ** (image.BitsStored - 1);
  if (!isSigned && image.BitsStored === image.BitsAllocated) return 0;
  const mask = 2 ** image.BitsStored - 1;
  const values =
    image.BitsAllocated === 8 ? bytes : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
  for (let i = 0; i < values.length; i++) {
    const stored = (values[i] ?? 0) & mask;
    values[i] = isSigned ? stored ^ half : stored;
  }
  return isSigned ? half : 0;
}

function extremes(bytes: Bytes, bits: number): readonly [number, number] {
  const values = bits === 8 ? bytes : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return values.length ? [least, most] : [0, 1];
}

export function sheetOf(image: SceneImage): Sheet {
  return { width: image.Columns, height: image.Rows, spacing: calibrationOf(image).spacing };
}

export function calibrationOf(image: SceneImage): Calibration {
  const isUsable = image.spacing_mm && image.spacing_kind !== "none";
  return isUsable && image.spacing_mm
    ? { kind: image.spacing_kind, spacing: image.spacing_mm }
    : { kind: "none", spacing: [1, 1] };
}

/** PS3.3 C.7.6.1.1.1: the letters of the row's and the column's direction; null when the image does not say. */
export function filmLetters(image: SceneImage): EdgeLetters | null {
  const [right, bottom] = image.PatientOrientation ?? [];
  if (right && bottom) return edgeLetters(right, bottom);
  if (!image.orientation) return null;
  return edgeLetters(orientationLetters(image.orientation.row), orientationLetters(image.orientation.column));
}
