/** Where a pane looks: the numbers that the shaders need, computed without any WebGL. */
import { type Plane, stepOf, voxelOf } from "./plane";
import type { GreyWindow, Vec3 } from "./scene";
import { type Point, type Sheet, type Size, toSheet, type View } from "./sheet";

export type SlabMode = "mean" | "max" | "min";
const MODES: Readonly<Record<SlabMode, number>> = { mean: 0, max: 1, min: 2 };
/** More steps than this cost more than they show. */
const MOST_STEPS = 96;

export interface Slab {
  readonly mode: SlabMode;
  /** 0 for a single slice. */
  readonly thicknessMm: number;
}

export interface Look {
  readonly window: GreyWindow;
  readonly isInverted: boolean;
}

export interface PlaneShot extends Look {
  /** Voxel at the top left corner of the pane, and the way to the next CSS pixel. */
  readonly origin: Vec3;
  readonly right: Vec3;
  readonly down: Vec3;
  /** From one sample of the slab to the next. */
  readonly through: Vec3;
  readonly steps: number;
  readonly mode: number;
}

export interface FilmShot extends Look {
  readonly origin: Point;
  readonly step: Point;
}

const CORNER: Point = { x: 0, y: 0 };

function times(vector: Vec3, by: number): Vec3 {
  return [vector[0] * by, vector[1] * by, vector[2] * by];
}

export function slabSteps(thicknessMm: number, sliceSpacing: number): number {
  if (thicknessMm <= 0) return 1;
  return Math.min(Math.max(Math.round(thicknessMm / sliceSpacing), 1), MOST_STEPS);
}

export function planeShot(
  plane: Plane,
  view: View,
  pane: Size,
  slice: number,
  slab: Slab,
  look: Look,
): PlaneShot {
  const corner = toSheet(plane.sheet, view, pane, CORNER);
  const steps = slabSteps(slab.thicknessMm, plane.sliceSpacing);
  const slicesBetween = steps > 1 ? slab.thicknessMm / plane.sliceSpacing / steps : 0;
  return {
    ...look,
    origin: voxelOf(plane, corner, slice),
    right: times(stepOf(plane.right), 1 / (plane.sheet.spacing[0] * view.scale)),
    down: times(stepOf(plane.down), 1 / (plane.sheet.spacing[1] * view.scale)),
    through: times(stepOf(plane.through), slicesBetween),
    steps,
    mode: MODES[slab.mode],
  };
}

export function filmShot(sheet: Sheet, view: View, pane: Size, look: Look): FilmShot {
  return {
    ...look,
    origin: toSheet(sheet, view, pane, CORNER),
    step: { x: 1 / (sheet.spacing[0] * view.scale), y: 1 / (sheet.spacing[1] * view.scale) },
  };
}
