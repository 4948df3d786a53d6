/** Planes through a volume: patient, voxel and sheet coordinates, and the letters at the edges. */
import type { SceneVolume, Vec3 } from "./scene";
import { clamp, type Point, type Sheet } from "./sheet";

export type PlaneName = "axial" | "coronal" | "sagittal";
export const PLANE_NAMES: readonly PlaneName[] = ["axial", "coronal", "sagittal"];

/** An axis of the volume (0 along a row, 1 along a column, 2 across slices), walked forwards or backwards. */
export interface Axis {
  readonly index: 0 | 1 | 2;
  readonly sign: 1 | -1;
}

export interface Plane {
  readonly name: PlaneName;
  readonly right: Axis;
  readonly down: Axis;
  readonly through: Axis;
  readonly sheet: Sheet;
  readonly slices: number;
  /** Distance between two slices of this plane. */
  readonly sliceSpacing: number;
}

export interface EdgeLetters {
  readonly left: string;
  readonly right: string;
  readonly top: string;
  readonly bottom: string;
}

/** Patient coordinates are LPS+ (PS3.3 C.7.6.2.1.1): x to the left, y to the back, z to the head. */
const LEFT: Vec3 = [1, 0, 0];
const BACK: Vec3 = [0, 1, 0];
const FEET: Vec3 = [0, 0, -1];

/** What lies to the right and downwards on the screen: the reader faces the patient, or stands at the feet. */
const LAYOUT: Readonly<Record<PlaneName, readonly [right: Vec3, down: Vec3]>> = {
  axial: [LEFT, BACK],
  coronal: [LEFT, FEET],
  sagittal: [BACK, FEET],
};

const PERMUTATIONS: readonly (readonly [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2])[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

export function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function add(a: Vec3, b: Vec3, times = 1): Vec3 {
  return [a[0] + b[0] * times, a[1] + b[1] * times, a[2] + b[2] * times];
}

export function scale(a: Vec3, by: number): Vec3 {
  return [a[0] * by, a[1] * by, a[2] * by];
}

export function dimensions(volume: SceneVolume): Vec3 {
  return [volume.columns, volume.rows, volume.slices];
}

function directions(volume: SceneVolume): readonly [Vec3, Vec3, Vec3] {
  return [volume.row_cosine, volume.column_cosine, volume.normal];
}

/** Which axis of the volume runs along the patient's x, y and z, each axis used once. */
export function anatomicalAxes(volume: SceneVolume): readonly [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2] {
  const along = directions(volume);
  const score = (order: readonly [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2]) =>
    order.reduce<number>((sum, axis, patientAxis) => sum + Math.abs(along[axis][patientAxis] ?? 0), 0);
  return PERMUTATIONS.reduce((best, order) => (score(order) > score(best) + 1e-9 ? order : best));
}

function axisAlong(volume: SceneVolume, wanted: Vec3): Axis {
  const order = anatomicalAxes(volume);
  const patientAxis = wanted.findIndex((component) => component !== 0) as 0 | 1 | 2;
  const index = order[patientAxis];
  return { index, sign: dot(directions(volume)[index], wanted) < 0 ? -1 : 1 };
}

/**
 * The plane of the volume's own grid that lies nearest to an anatomical plane.
 *
 * Slices are not resampled obliquely: a tilted volume shows its own grid, and its edge letters say so.
 */
export function makePlane(volume: SceneVolume, name: PlaneName): Plane {
  const [toRight, toBottom] = LAYOUT[name];
  const right = axisAlong(volume, toRight);
  const down = axisAlong(volume, toBottom);
  const through: Axis = { index: (3 - right.index - down.index) as 0 | 1 | 2, sign: 1 };
  const counts = dimensions(volume);
  const spacing = volume.spacing_mm;
  return {
    name,
    right,
    down,
    through,
    sheet: {
      width: counts[right.index],
      height: counts[down.index],
      spacing: [spacing[right.index], spacing[down.index]],
    },
    slices: counts[through.index],
    sliceSpacing: spacing[through.index],
  };
}

export function voxelOf(plane: Plane, point: Point, slice: number): Vec3 {
  const voxel: [number, number, number] = [0, 0, 0];
  voxel[plane.right.index] = plane.right.sign > 0 ? point.x : plane.sheet.width - 1 - point.x;
  voxel[plane.down.index] = plane.down.sign > 0 ? point.y : plane.sheet.height - 1 - point.y;
  voxel[plane.through.index] = slice;
  return voxel;
}

export function sheetPointOf(plane: Plane, voxel: Vec3): Point {
  const across = voxel[plane.right.index];
  const down = voxel[plane.down.index];
  return {
    x: plane.right.sign > 0 ? across : plane.sheet.width - 1 - across,
    y: plane.down.sign > 0 ? down : plane.sheet.height - 1 - down,
  };
}

/** One step of a pixel of the sheet, in voxels. */
export function stepOf(axis: Axis): Vec3 {
  const step: [number, number, number] = [0, 0, 0];
  step[axis.index] = axis.sign;
  return step;
}

/** PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1: the position of a voxel's centre in the patient, in mm. */
export function patientOf(volume: SceneVolume, voxel: Vec3): Vec3 {
  const [row, column, normal] = directions(volume);
  const [dx, dy, dz] = volume.spacing_mm;
  const acrossRow = add(volume.origin_mm, row, voxel[0] * dx);
  return add(add(acrossRow, column, voxel[1] * dy), normal, voxel[2] * dz);
}

/** The inverse of `patientOf`; the three axes are orthonormal. */
export function voxelAt(volume: SceneVolume, patient: Vec3): Vec3 {
  const offset = add(patient, volume.origin_mm, -1);
  const [row, column, normal] = directions(volume);
  const [dx, dy, dz] = volume.spacing_mm;
  return [dot(offset, row) / dx, dot(offset, column) / dy, dot(offset, normal) / dz];
}

export function nearestVoxel(volume: SceneVolume, voxel: Vec3): Vec3 {
  const counts = dimensions(volume);
  return [0, 1, 2].map((axis) =>
    clamp(Math.round(voxel[axis] ?? 0), 0, (counts[axis] ?? 1) - 1),
  ) as unknown as Vec3;
}

/** Components below sin 15 deg are tilt of the head, not a direction worth a letter. */
const LETTER_THRESHOLD = 0.26;
const LETTERS: readonly (readonly [string, string])[] = [
  ["L", "R"],
  ["P", "A"],
  ["H", "F"],
];

/** PS3.3 C.7.6.1.1.1 Patient Orientation: up to three letters, the strongest direction first. */
export function orientationLetters(direction: Vec3): string {
  return [0, 1, 2]
    .map((axis) => ({ axis, component: direction[axis] ?? 0 }))
    .filter(({ component }) => Math.abs(component) > LETTER_THRESHOLD)
    .sort((a, b) => Math.abs(b.component) - Math.abs(a.component))
    .map(({ axis, component }) => LETTERS[axis]?.[component > 0 ? 0 : 1] ?? "")
    .join("");
}

const OPPOSITE: Readonly<Record<string, string>> = { L: "R", R: "L", A: "P", P: "A", H: "F", F: "H" };

export function oppositeLetters(letters: string): string {
  return [...letters].map((letter) => OPPOSITE[letter] ?? letter).join("");
}

export function edgeLetters(right: string, bottom: string): EdgeLetters {
  return { right, bottom, left: oppositeLetters(right), top: oppositeLetters(bottom) };
}

export function planeLetters(volume: SceneVolume, plane: Plane): EdgeLetters {
  const along = directions(volume);
  return edgeLetters(
    orientationLetters(scale(along[plane.right.index], plane.right.sign)),
    orientationLetters(scale(along[plane.down.index], plane.down.sign)),
  );
}

/** Where a slice lies along its anatomical axis: a letter and millimetres, such as H 31.5. */
export function slicePosition(volume: SceneVolume, plane: Plane, crosshair: Vec3): string {
  const patientAxis = anatomicalAxes(volume).indexOf(plane.through.index);
  const position = patientOf(volume, crosshair)[patientAxis] ?? 0;
  const letter = LETTERS[patientAxis]?.[position >= 0 ? 0 : 1] ?? "";
  return `${letter} ${Math.abs(position).toFixed(1)} mm`;
}
