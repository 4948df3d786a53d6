/** Lengths and angles, in millimetres only where the image says how large its pixels are. */
import type { Point } from "./sheet";

export type MeasureKind = "length" | "angle";
export const POINTS_OF: Readonly<Record<MeasureKind, number>> = { length: 2, angle: 3 };

/**
 * What a pixel measures.
 *
 * - `calibrated`: millimetres in the patient (a volume, or a film with a calibrated Pixel Spacing, PS3.3 10.7.1)
 * - `detector`: millimetres at the detector ((0018,1164) Imager Pixel Spacing, PS3.3 C.8.11.4): anatomy is magnified
 * - `none`: no spacing at all; only pixels can be counted
 */
export interface Calibration {
  readonly kind: "calibrated" | "detector" | "none";
  readonly spacing: readonly [number, number];
}

export interface Measurement {
  readonly id: number;
  readonly kind: MeasureKind;
  /** Sheet coordinates; the vertex of an angle is the second point. */
  readonly points: readonly Point[];
  /** The picture it lies on: a slice of a plane, or an image of a series. */
  readonly place: string;
  readonly calibration: Calibration;
}

export interface Reading {
  readonly value: number;
  readonly unit: "mm" | "px" | "deg";
  readonly text: string;
}

/** PS3.3 10.7.1.3: pixels need not be square, so each direction has its own spacing. */
export function lengthOf(a: Point, b: Point, spacing: readonly [number, number]): number {
  return Math.hypot((b.x - a.x) * spacing[0], (b.y - a.y) * spacing[1]);
}

/** The angle at `vertex`, from 0 to 180 degrees. */
export function angleOf(a: Point, vertex: Point, b: Point, spacing: readonly [number, number]): number {
  const ax = (a.x - vertex.x) * spacing[0];
  const ay = (a.y - vertex.y) * spacing[1];
  const bx = (b.x - vertex.x) * spacing[0];
  const by = (b.y - vertex.y) * spacing[1];
  return (Math.abs(Math.atan2(ax * by - ay * bx, ax * bx + ay * by)) * 180) / Math.PI;
}

/** Words that qualify a reading; they come from the page, in the reader's language. */
export interface MeasureWords {
  readonly uncalibrated: string;
  readonly detector: string;
}

export function readingOf({ kind, points, calibration }: Measurement, words: MeasureWords): Reading {
  const [a, b, c] = points;
  const note = noteOf(calibration, words);
  if (kind === "angle") {
    const value = a && b && c ? angleOf(a, b, c, calibration.spacing) : 0;
    const unsure = calibration.kind === "none" ? ` (${words.uncalibrated})` : "";
    return { value, unit: "deg", text: `${value.toFixed(1)}°${unsure}` };
  }
  const isPixels = calibration.kind === "none";
  const value = a && b ? lengthOf(a, b, isPixels ? [1, 1] : calibration.spacing) : 0;
  const unit = isPixels ? "px" : "mm";
  return { value, unit, text: `${value.toFixed(isPixels ? 0 : 1)} ${unit}${note}` };
}

function noteOf(calibration: Calibration, words: MeasureWords): string {
  if (calibration.kind === "none") return ` (${words.uncalibrated})`;
  return calibration.kind === "detector" ? ` (${words.detector})` : "";
}

/** A round length for the scale bar, near `wanted` CSS pixels long. */
export function scaleBarMm(pixelsPerMm: number, wanted = 90): number {
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200];
  const fitting = steps.filter((step) => step * pixelsPerMm <= wanted);
  return fitting.at(-1) ?? 0.1;
}
