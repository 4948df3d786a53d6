/** Everything that is written over the picture: identity, position, letters, crosshair, measurements. */
import type { Desk } from "./desk";
import { visiblePoints } from "./draft";
import { type Measurement, readingOf, scaleBarMm } from "./measure";
import type { DrawnMeasurement, OverlayModel } from "./overlay";
import type { Corners, Pane } from "./pane";
import type { Picture } from "./picture";

export function annotate(desk: Desk, picture: Picture): void {
  for (const pane of picture.panes) {
    if (!pane.isVisible) continue;
    pane.showOverlay(overlayOf(desk, picture, pane));
    pane.showCorners(cornersOf(desk, picture, pane));
    pane.showLetters(picture.lettersOf(pane));
    pane.showSlice(picture.indexOf(pane), picture.countOf(pane), picture.titleOf(pane));
  }
}

/** Who and what is seen: on every picture, on the screen and on paper (PS3.3 C.7.1.1, C.7.2.1). */
export function cornersOf({ scene, display, page, hover }: Desk, picture: Picture, pane: Pane): Corners {
  const { patient, study } = scene;
  const { texts } = page;
  const born = patient.birth_date ? texts("born", { date: patient.birth_date }) : "";
  const value = hover?.pane === pane ? picture.valueAt(pane, pane.toSheet(hover.at)) : null;
  const { center, width } = display.window;
  const window =
    picture.windowNote?.() ?? texts("window", { center: rounded(center), width: rounded(width) });
  return {
    patient: [patient.name, [patient.id, patient.sex].filter(Boolean).join(" · "), born],
    study: [study.StudyDate ?? "", picture.series.SeriesDescription || study.StudyDescription],
    slice: picture.linesOf(pane),
    window: [
      value === null ? "" : texts("value", { value: Math.round(value) }),
      picture.canWindow ? window : "",
    ],
  };
}

export function drawnMeasurements(desk: Desk, picture: Picture, pane: Pane): DrawnMeasurement[] {
  const place = picture.placeOf(pane);
  const drawn = desk.measurements.at(place).map((measurement) => drawnOf(desk, pane, measurement));
  const { draft } = desk;
  if (draft?.pane !== pane || draft.place !== place) return drawn;
  const kind = draft.points.length < 2 ? "length" : draft.kind;
  const unfinished: Measurement = {
    id: -1,
    kind,
    points: visiblePoints(draft),
    place,
    calibration: picture.calibrationOf(pane),
  };
  return [...drawn, { ...drawnOf(desk, pane, unfinished), id: null }];
}

function drawnOf(desk: Desk, pane: Pane, measurement: Measurement): DrawnMeasurement {
  return {
    id: measurement.id,
    kind: measurement.kind,
    points: measurement.points.map((point) => pane.toScreen(point)),
    text: readingOf(measurement, desk.words).text,
    isSelected: measurement.id === desk.measurements.selectedId,
    handleLabel: desk.page.texts(`handle-${measurement.kind}`),
  };
}

function overlayOf(desk: Desk, picture: Picture, pane: Pane): Omit<OverlayModel, "size" | "floor"> {
  const isMeasuring = desk.tool === "length" || desk.tool === "angle";
  return {
    crosshair: crosshairOf(desk, picture, pane),
    measurements: drawnMeasurements(desk, picture, pane),
    cursor: isMeasuring ? pane.cursor : null,
    scaleBar: scaleBarOf(desk, picture, pane),
    suggestions: desk.suggestions.drawn(picture, pane),
    suggestionLabel: desk.suggestions.label,
  };
}

function crosshairOf(desk: Desk, picture: Picture, pane: Pane) {
  const crosshair = picture.crosshairOf(pane);
  if (!crosshair) return null;
  const half = (desk.display.slab.thicknessMm / 2) * pane.view.scale;
  return { ...crosshair, at: pane.toScreen(crosshair.at), slab: { x: half, y: half } };
}

function scaleBarOf(desk: Desk, picture: Picture, pane: Pane) {
  const { kind } = picture.calibrationOf(pane);
  if (kind === "none") return null;
  const mm = scaleBarMm(pane.view.scale);
  const note = kind === "detector" ? ` (${desk.words.detector})` : "";
  return { length: mm * pane.view.scale, text: `${mm} mm${note}` };
}

function rounded(value: number): number {
  return Math.abs(value) >= 20 ? Math.round(value) : Math.round(value * 100) / 100;
}
