/** A measurement while it is drawn: the points that are set, and the one that still follows the hand. */
import { type MeasureKind, POINTS_OF } from "./measure";
import type { Pane } from "./pane";
import type { Point } from "./sheet";

export interface Draft {
  readonly kind: MeasureKind;
  readonly pane: Pane;
  readonly place: string;
  readonly points: readonly Point[];
  readonly hover: Point;
}

export function beginDraft(kind: MeasureKind, pane: Pane, place: string, at: Point): Draft {
  return { kind, pane, place, points: [at], hover: at };
}

export function withPoint(draft: Draft, at: Point): Draft {
  return { ...draft, points: [...draft.points, at], hover: at };
}

export function isDone(draft: Draft): boolean {
  return draft.points.length >= POINTS_OF[draft.kind];
}

/** What is drawn: for an angle with one leg, the two points that exist. */
export function visiblePoints(draft: Draft): readonly Point[] {
  return isDone(draft) ? draft.points : [...draft.points, draft.hover];
}
