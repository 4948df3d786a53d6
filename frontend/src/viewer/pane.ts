/** One pane: its element, what lies over the picture, and how its sheet is seen. */

import { Overlay, type OverlayModel } from "./overlay";
import type { EdgeLetters } from "./plane";
import type { Rect } from "./renderer";
import {
  fitted,
  type Point,
  pan,
  type Sheet,
  type Size,
  toScreen,
  toSheet,
  type View,
  zoomAt,
} from "./sheet";

/** What stands in the corners of a pane; every line is one string. */
export interface Corners {
  readonly patient: readonly string[];
  readonly study: readonly string[];
  readonly slice: readonly string[];
  readonly window: readonly string[];
}

const CORNER_NAMES = ["patient", "study", "slice", "window"] as const;
const EDGE_NAMES = ["left", "right", "top", "bottom"] as const;

export class Pane {
  readonly element: HTMLElement;
  readonly slider: HTMLInputElement;
  readonly #overlay: Overlay;
  #sheet: Sheet = { width: 1, height: 1, spacing: [1, 1] };
  /** null until the reader pans or zooms: the sheet then fills the pane, whatever its size. */
  #view: View | null = null;
  /** Where the keyboard's measuring cursor stands, in CSS pixels; null until it is used. */
  cursor: Point | null = null;

  constructor(template: HTMLTemplateElement, name: string, title: string) {
    const clone = template.content.cloneNode(true) as DocumentFragment;
    this.element = clone.querySelector(".pane") as HTMLElement;
    this.element.dataset.plane = name;
    this.element.setAttribute("aria-label", title);
    this.slider = this.element.querySelector("input[type=range]") as HTMLInputElement;
    this.#overlay = new Overlay(this.element.querySelector("svg.overlay") as SVGSVGElement);
    this.#write("[data-pane-name]", title);
  }

  get name(): string {
    return this.element.dataset.plane ?? "";
  }

  get isVisible(): boolean {
    return this.element.offsetParent !== null;
  }

  /** Inside its border, to fractions of a pixel: picture and overlay have to meet. */
  get size(): Size {
    const { width, height } = this.element.getBoundingClientRect();
    const { clientLeft, clientTop } = this.element;
    return { width: Math.max(width - 2 * clientLeft, 1), height: Math.max(height - 2 * clientTop, 1) };
  }

  /** Its place inside the stage. */
  get rect(): Rect {
    const { left, top } = this.element.getBoundingClientRect();
    const stage = this.element.offsetParent?.getBoundingClientRect() ?? { left: 0, top: 0 };
    const { clientLeft, clientTop } = this.element;
    return { x: left - stage.left + clientLeft, y: top - stage.top + clientTop, ...this.size };
  }

  get sheet(): Sheet {
    return this.#sheet;
  }

  set sheet(sheet: Sheet) {
    this.#sheet = sheet;
    this.#view = null;
  }

  get view(): View {
    return this.#view ?? fitted(this.#sheet, this.size);
  }

  pointOf(event: { clientX: number; clientY: number }): Point {
    const box = this.element.getBoundingClientRect();
    return {
      x: event.clientX - box.left - this.element.clientLeft,
      y: event.clientY - box.top - this.element.clientTop,
    };
  }

  toScreen(point: Point): Point {
    return toScreen(this.#sheet, this.view, this.size, point);
  }

  toSheet(point: Point): Point {
    return toSheet(this.#sheet, this.view, this.size, point);
  }

  pan(dx: number, dy: number): void {
    this.#view = pan(this.#sheet, this.view, dx, dy);
  }

  zoom(factor: number, at: Point = { x: this.size.width / 2, y: this.size.height / 2 }): void {
    this.#view = zoomAt(this.#sheet, this.view, this.size, at, factor);
  }

  /** Say whether the sheet is seen whole and is much wider than high. */
  get isWide(): boolean {
    const { width, height, spacing } = this.#sheet;
    return this.#view === null && width * spacing[0] > 1.5 * height * spacing[1];
  }

  resetView(): void {
    this.#view = null;
    this.cursor = null;
  }

  /** Bring a point of the sheet into the pane, if a zoomed view has lost it. */
  reveal(point: Point): void {
    const { x, y } = this.toScreen(point);
    const { width, height } = this.size;
    if (x >= 0 && y >= 0 && x <= width && y <= height) return;
    this.#view = { ...this.view, centre: point };
  }

  showOverlay(model: Omit<OverlayModel, "size" | "floor">): void {
    const floor = this.slider.hidden ? this.size.height - 24 : this.slider.offsetTop;
    this.#overlay.update({ ...model, size: this.size, floor });
  }

  showCorners(corners: Corners): void {
    for (const name of CORNER_NAMES) this.#writeLines(`[data-corner=${name}]`, corners[name]);
  }

  showLetters(letters: EdgeLetters | null): void {
    for (const name of EDGE_NAMES) this.#write(`[data-edge=${name}]`, letters?.[name] ?? "");
  }

  showSlice(index: number, count: number, text: string): void {
    this.element.dataset.slice = String(index + 1);
    this.element.dataset.slices = String(count);
    this.slider.max = String(count);
    this.slider.value = String(index + 1);
    this.slider.hidden = count < 2;
    this.slider.setAttribute("aria-valuetext", text);
  }

  #write(selector: string, text: string): void {
    const element = this.element.querySelector(selector);
    if (element && element.textContent !== text) element.textContent = text;
  }

  #writeLines(selector: string, lines: readonly string[]): void {
    this.#write(selector, lines.filter(Boolean).join("\n"));
  }
}
