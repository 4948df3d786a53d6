/** What pointer and keys do to the picture on the desk. */
import type { Desk } from "./desk";
import { beginDraft, type Draft, isDone, withPoint } from "./draft";
import type { Keyboard } from "./keys";
import type { MeasureKind } from "./measure";
import { readingOf } from "./measure";
import type { Pane } from "./pane";
import { clamp, type Point } from "./sheet";
import type { Hand, ToolName } from "./tools";
import { dragWindow } from "./window";

/** A click that moves less sets one point; a drag that moves more sets two. */
const CLICK_PIXELS = 5;

export class Hands implements Hand, Keyboard {
  readonly #desk: Desk;

  constructor(
    desk: Desk,
    readonly act: (action: string) => void,
    readonly choosePreset: (number: number) => void,
  ) {
    this.#desk = desk;
  }

  get tool(): ToolName {
    return this.#desk.tool;
  }

  get isCompact(): boolean {
    return this.#desk.page.isCompact;
  }

  setTool(tool: ToolName): void {
    this.#desk.setTool(tool);
  }

  focus(pane: Pane): void {
    this.#desk.activate(pane);
    this.#desk.measurements.select(null);
    pane.element.focus({ preventScroll: true });
  }

  scroll(pane: Pane, slices: number): void {
    const picture = this.#desk.picture;
    picture?.goTo(pane, picture.indexOf(pane) + slices);
  }

  goToEnd(pane: Pane, end: "first" | "last"): void {
    const picture = this.#desk.picture;
    picture?.goTo(pane, end === "first" ? 0 : picture.countOf(pane) - 1);
  }

  pointAt(pane: Pane, at: Point): void {
    this.#desk.picture?.pointAt?.(pane, pane.toSheet(at));
  }

  dragLine(pane: Pane, line: "horizontal" | "vertical", at: Point): void {
    const crosshair = this.#desk.picture?.crosshairOf(pane);
    if (!crosshair) return;
    const to = pane.toSheet(at);
    const point = line === "horizontal" ? { x: crosshair.at.x, y: to.y } : { x: to.x, y: crosshair.at.y };
    this.#desk.picture?.pointAt?.(pane, point);
  }

  nudgeCrosshair(pane: Pane, by: Point): void {
    const crosshair = this.#desk.picture?.crosshairOf(pane);
    if (!crosshair) this.scroll(pane, by.y || by.x);
    else this.#desk.picture?.pointAt?.(pane, { x: crosshair.at.x + by.x, y: crosshair.at.y + by.y });
  }

  changeWindow(dx: number, dy: number): void {
    const { display, picture } = this.#desk;
    if (!picture?.canWindow) return;
    display.window = dragWindow(display.window, dx, dy, picture.range);
    this.#desk.redraw();
  }

  pan(pane: Pane, dx: number, dy: number): void {
    pane.pan(dx, dy);
    this.#desk.redraw();
  }

  zoom(pane: Pane, factor: number, at?: Point): void {
    pane.zoom(factor, at);
    this.#desk.redraw();
  }

  hover(pane: Pane, at: Point | null): void {
    this.#desk.hover = at ? { pane, at } : null;
    this.#desk.redraw();
  }

  select(id: number | null): void {
    this.#desk.measurements.select(id);
  }

  maximise(pane: Pane): void {
    this.#desk.activate(pane);
    this.#desk.setMaximised(!this.#desk.isMaximised);
  }

  nextPlane(step: number): void {
    const panes = this.#desk.picture?.panes ?? [];
    const at = panes.findIndex((pane) => pane.name === this.#desk.activePane?.name);
    const next = panes[(at + step + panes.length) % panes.length];
    if (next) this.#desk.activate(next);
  }

  measureDown(pane: Pane, at: Point): void {
    if (!this.#liveDraft(pane)) this.#begin(pane, at);
  }

  measureMove(pane: Pane, at: Point): void {
    const draft = this.#liveDraft(pane);
    if (draft) this.#setDraft({ ...draft, hover: pane.toSheet(at) });
  }

  measureUp(pane: Pane, at: Point): void {
    const draft = this.#liveDraft(pane);
    const last = draft?.points.at(-1);
    if (!draft || !last) return;
    const from = pane.toScreen(last);
    if (Math.hypot(at.x - from.x, at.y - from.y) >= CLICK_PIXELS)
      this.#advance(withPoint(draft, pane.toSheet(at)));
  }

  moveCursor(pane: Pane, by: Point): void {
    const { width, height } = pane.size;
    const from = pane.cursor ?? { x: width / 2, y: height / 2 };
    pane.cursor = { x: clamp(from.x + by.x, 0, width), y: clamp(from.y + by.y, 0, height) };
    this.measureMove(pane, pane.cursor);
    this.#desk.redraw();
  }

  placePoint(pane: Pane): void {
    if (this.tool !== "length" && this.tool !== "angle") return;
    if (!pane.cursor) {
      this.moveCursor(pane, { x: 0, y: 0 });
      return;
    }
    const draft = this.#liveDraft(pane);
    if (draft) this.#advance(withPoint(draft, pane.toSheet(pane.cursor)));
    else this.#begin(pane, pane.cursor);
  }

  beginHandle(id: number): void {
    this.#desk.measurements.beginMove();
    this.#desk.measurements.select(id);
  }

  moveHandle(pane: Pane, id: number, index: number, at: Point): void {
    this.#desk.measurements.movePoint(id, index, pane.toSheet(at));
  }

  nudgeHandle(pane: Pane, handle: string, by: Point): void {
    const [id, index] = handle.split(":").map(Number) as [number, number];
    const point = this.#desk.measurements.find(id)?.points[index];
    if (!point) return;
    this.beginHandle(id);
    const at = pane.toScreen(point);
    this.moveHandle(pane, id, index, { x: at.x + by.x, y: at.y + by.y });
    this.#announce(id);
  }

  cancel(): void {
    this.#desk.draft = null;
    this.#desk.measurements.select(null);
  }

  /** The measurement that is being drawn in this pane, unless the slice has changed under it. */
  #liveDraft(pane: Pane): Draft | null {
    const { draft, picture } = this.#desk;
    return draft?.pane === pane && draft.place === picture?.placeOf(pane) ? draft : null;
  }

  #begin(pane: Pane, at: Point): void {
    const picture = this.#desk.picture;
    if (!picture) return;
    const kind = this.tool as MeasureKind;
    this.#setDraft(beginDraft(kind, pane, picture.placeOf(pane), pane.toSheet(at)));
    this.#desk.page.announce(this.#desk.page.texts("point-set"));
  }

  #setDraft(draft: Draft): void {
    this.#desk.draft = draft;
    this.#desk.redraw();
  }

  #advance(draft: Draft): void {
    const picture = this.#desk.picture;
    if (!isDone(draft) || !picture) {
      this.#setDraft(draft);
      return;
    }
    this.#desk.draft = null;
    const { kind, points, place, pane } = draft;
    const added = this.#desk.measurements.add({
      kind,
      points,
      place,
      calibration: picture.calibrationOf(pane),
    });
    this.#announce(added.id);
  }

  #announce(id: number): void {
    const measurement = this.#desk.measurements.find(id);
    if (!measurement) return;
    const { page, words } = this.#desk;
    const name = page.texts(`result-${measurement.kind}`);
    page.announce(`${name}: ${readingOf(measurement, words).text}`);
  }
}
