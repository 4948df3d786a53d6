/**
 * A sheet is a flat picture with pixels: a film, or one slice of a volume as it is laid on the screen.
 * Its coordinates count pixels to the right and down; (0, 0) is the centre of the first one.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Sheet extends Size {
  /** Between columns, between rows; [1, 1] where the image has no spacing. */
  readonly spacing: readonly [number, number];
}

/** How a sheet is seen: the point in the middle of the pane, and CSS pixels per unit of spacing. */
export interface View {
  readonly centre: Point;
  readonly scale: number;
}

const LARGEST_ZOOM_OVER_FIT = 40;
const FIT_MARGIN = 0.96;

export function fitted(sheet: Sheet, pane: Size): View {
  return { centre: middle(sheet), scale: fitScale(sheet, pane) };
}

export function fitScale(sheet: Sheet, pane: Size): number {
  const across = pane.width / (sheet.width * sheet.spacing[0]);
  const down = pane.height / (sheet.height * sheet.spacing[1]);
  return Math.max(Math.min(across, down) * FIT_MARGIN, 1e-6);
}

export function middle(sheet: Size): Point {
  return { x: (sheet.width - 1) / 2, y: (sheet.height - 1) / 2 };
}

export function toScreen(sheet: Sheet, view: View, pane: Size, point: Point): Point {
  return {
    x: pane.width / 2 + (point.x - view.centre.x) * sheet.spacing[0] * view.scale,
    y: pane.height / 2 + (point.y - view.centre.y) * sheet.spacing[1] * view.scale,
  };
}

export function toSheet(sheet: Sheet, view: View, pane: Size, point: Point): Point {
  return {
    x: view.centre.x + (point.x - pane.width / 2) / (sheet.spacing[0] * view.scale),
    y: view.centre.y + (point.y - pane.height / 2) / (sheet.spacing[1] * view.scale),
  };
}

/** Move the picture by CSS pixels, never so far that its middle half leaves the pane. */
export function pan(sheet: Sheet, view: View, dx: number, dy: number): View {
  const x = view.centre.x - dx / (sheet.spacing[0] * view.scale);
  const y = view.centre.y - dy / (sheet.spacing[1] * view.scale);
  return {
    ...view,
    centre: { x: clamp(x, -0.5, sheet.width - 0.5), y: clamp(y, -0.5, sheet.height - 0.5) },
  };
}

/** Zoom so that the point of the sheet under `at` stays where it is. */
export function zoomAt(sheet: Sheet, view: View, pane: Size, at: Point, factor: number): View {
  const smallest = fitScale(sheet, pane) * 0.5;
  const scale = clamp(view.scale * factor, smallest, smallest * 2 * LARGEST_ZOOM_OVER_FIT);
  const fixed = toSheet(sheet, view, pane, at);
  const ratio = view.scale / scale;
  return {
    scale,
    centre: {
      x: fixed.x + (view.centre.x - fixed.x) * ratio,
      y: fixed.y + (view.centre.y - fixed.y) * ratio,
    },
  };
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
