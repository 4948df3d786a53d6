/** Films: single images (periapical, bitewing, panoramic, cephalometric), as stored or as the server renders them. */
import type { Calibration } from "./measure";
import { type EdgeLetters, edgeLetters, orientationLetters } from "./plane";
import type { GreyWindow, SceneImage, VoiTable } from "./scene";
import type { Sheet } from "./sheet";
import { type Bytes, type Format, lift, liftOf, type Values, valuesOf } from "./stored";
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

/** Whether the image's own table is shown: until the reader chooses a window (PS3.3 C.11.2.1.1: one of several views). */
export function showsTable(film: Film, image: SceneImage, window: GreyWindow): boolean {
  if (film.kind !== "grey" || !image.voi_lut) return false;
  return window.center === film.window.center && window.width === film.window.width;
}

export function voiFunctionOf(image: SceneImage): VoiFunction {
  const stated = image.voi_function;
  return stated === "SIGMOID" || stated === "LINEAR_EXACT" ? stated : "LINEAR";
}

export function makeGreyFilm(bytes: Bytes, image: SceneImage): GreyFilm {
  const format = formatOf(image);
  const offset = liftOf(format);
  lift(bytes, format);
  const [least, most] = extremes(valuesOf(bytes, format), paddingOf(image, offset));
  const ends = [least, most].map((stored) => (stored - offset) * image.slope + image.intercept);
  const range: [number, number] = [Math.min(...ends), Math.max(...ends)];
  const window = image.window ?? windowOf(...(image.voi_lut ? inputOf(image.voi_lut) : range));
  return { kind: "grey", bytes, bits: image.BitsAllocated === 8 ? 8 : 16, offset, window, range };
}

function formatOf({ BitsAllocated, BitsStored, PixelRepresentation }: SceneImage): Format {
  return { bitsAllocated: BitsAllocated, bitsStored: BitsStored, isSigned: PixelRepresentation === 1 };
}

/** The padding as it is once it is lifted; null where there is none. */
function paddingOf({ PixelPaddingValue: padding }: SceneImage, offset: number): number | null {
  return padding === null ? null : padding + offset;
}

/** PS3.3 C.11.2.1.1: the values that a table tells apart. */
function inputOf({ first, data }: VoiTable): [number, number] {
  return [first, first + data.length - 1];
}

function extremes(values: Values, padding: number | null): readonly [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === padding) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return least <= most ? [least, most] : [0, 1];
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
