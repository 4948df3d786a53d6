/** SVG over a pane: crosshair lines, slab edges, measurements with handles, keyboard cursor, scale bar. */
import type { MeasureKind } from "./measure";
import type { Point, Size } from "./sheet";
import { type DrawnSuggestion, labelSpot, labelsOf } from "./suggestions";

const SVG = "http://www.w3.org/2000/svg";
/** The crosshair leaves the spot itself free. */
const GAP = 14;

export interface DrawnMeasurement {
  /** null while it is being drawn. */
  readonly id: number | null;
  readonly kind: MeasureKind;
  readonly points: readonly Point[];
  readonly text: string;
  readonly isSelected: boolean;
  readonly handleLabel: string;
}

export interface Crosshair {
  readonly at: Point;
  /** Names of the planes that the lines stand for; they carry the colour. */
  readonly horizontal: string;
  readonly vertical: string;
  /** Half the slab of those planes, in CSS pixels; 0 without a slab. */
  readonly slab: Point;
}

export interface OverlayModel {
  readonly size: Size;
  /** Where the controls at the bottom of the pane begin. */
  readonly floor: number;
  readonly crosshair: Crosshair | null;
  readonly measurements: readonly DrawnMeasurement[];
  readonly cursor: Point | null;
  readonly scaleBar: { readonly length: number; readonly text: string } | null;
  readonly suggestions?: readonly DrawnSuggestion[];
  /** The words above suggestions; empty while none are shown. */
  readonly suggestionLabel?: string;
}

type Attributes = Readonly<Record<string, string | number>>;

export class Overlay {
  readonly #svg: SVGSVGElement;
  readonly #elements = new Map<string, SVGElement>();
  #seen = new Set<string>();

  constructor(svg: SVGSVGElement) {
    this.#svg = svg;
  }

  /** Elements keep their identity between drawings, so that the focus stays on a handle that is moved by keys. */
  update(model: OverlayModel): void {
    this.#seen = new Set();
    if (model.crosshair) this.#drawCrosshair(model.crosshair, model.size);
    for (const measurement of model.measurements) this.#drawMeasurement(measurement, model.size);
    const suggestions = model.suggestions ?? [];
    const labels = labelsOf(suggestions, model.size.width);
    suggestions.forEach((suggestion, index) => {
      this.#drawSuggestion(suggestion, labels[index] ?? "", `s${index}`);
    });
    if (model.suggestionLabel) this.#drawLabel(model.suggestionLabel, model.size.width / 2);
    if (model.cursor) this.#drawCursor(model.cursor);
    if (model.scaleBar) this.#drawScaleBar(model.scaleBar, model.size.width / 2, model.floor - 6);
    for (const [key, element] of this.#elements) {
      if (this.#seen.has(key)) continue;
      element.remove();
      this.#elements.delete(key);
    }
  }

  #draw(key: string, tag: string, attributes: Attributes, text?: string): void {
    let element = this.#elements.get(key);
    if (!element) {
      element = document.createElementNS(SVG, tag) as SVGElement;
      this.#elements.set(key, element);
      this.#svg.append(element);
    }
    for (const [name, value] of Object.entries(attributes)) {
      const written = typeof value === "number" ? String(Math.round(value * 10) / 10) : value;
      if (element.getAttribute(name) !== written) element.setAttribute(name, written);
    }
    if (text !== undefined && element.textContent !== text) element.textContent = text;
    this.#seen.add(key);
  }

  #drawCrosshair({ at, horizontal, vertical, slab }: Crosshair, { width, height }: Size): void {
    const across = { y1: at.y, y2: at.y };
    const down = { x1: at.x, x2: at.x };
    const colours = { "data-of": horizontal, class: "cross" };
    this.#draw("h1", "line", { ...across, x1: 0, x2: Math.max(at.x - GAP, 0), ...colours });
    this.#draw("h2", "line", { ...across, x1: Math.min(at.x + GAP, width), x2: width, ...colours });
    const other = { "data-of": vertical, class: "cross" };
    this.#draw("v1", "line", { ...down, y1: 0, y2: Math.max(at.y - GAP, 0), ...other });
    this.#draw("v2", "line", { ...down, y1: Math.min(at.y + GAP, height), y2: height, ...other });
    this.#draw("h", "line", { ...across, x1: 0, x2: width, class: "grip", "data-line": "horizontal" });
    this.#draw("v", "line", { ...down, y1: 0, y2: height, class: "grip", "data-line": "vertical" });
    for (const side of [-1, 1]) {
      const [y, x] = [at.y + side * slab.y, at.x + side * slab.x];
      const dash = { class: "slab" };
      if (slab.y > 2)
        this.#draw(`sh${side}`, "line", { x1: 0, x2: width, y1: y, y2: y, "data-of": horizontal, ...dash });
      if (slab.x > 2)
        this.#draw(`sv${side}`, "line", { y1: 0, y2: height, x1: x, x2: x, "data-of": vertical, ...dash });
    }
  }

  #drawMeasurement(drawn: DrawnMeasurement, size: Size): void {
    const key = `m${drawn.id ?? "draft"}`;
    const path = drawn.points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    const state = drawn.isSelected ? "measure is-selected" : "measure";
    this.#draw(`${key}b`, "polyline", { points: path, class: "measure-back" });
    this.#draw(`${key}l`, "polyline", { points: path, class: state, "data-measure": drawn.id ?? "" });
    drawn.points.forEach((point, index) => {
      this.#drawHandle(drawn, index, point);
    });
    const anchor = labelAnchor(drawn, size);
    this.#draw(`${key}t`, "text", { ...anchor, class: "measure-text" }, drawn.text);
  }

  #drawHandle({ id, handleLabel }: DrawnMeasurement, index: number, { x, y }: Point): void {
    const key = `m${id ?? "draft"}p${index}`;
    this.#draw(`${key}d`, "circle", { cx: x, cy: y, r: 3.5, class: "dot" });
    if (id === null) return;
    const label = `${handleLabel} ${index + 1}`;
    const role = { role: "button", tabindex: "0", "aria-label": label, "data-handle": `${id}:${index}` };
    this.#draw(key, "circle", { cx: x, cy: y, r: 14, class: "handle", ...role });
  }

  #drawSuggestion(drawn: DrawnSuggestion, label: string, key: string): void {
    const { from, to, urgency } = drawn;
    const box = {
      x: from.x,
      y: from.y,
      width: Math.max(to.x - from.x, 1),
      height: Math.max(to.y - from.y, 1),
    };
    this.#draw(`${key}b`, "rect", { ...box, class: "suggestion-back" });
    this.#draw(`${key}r`, "rect", { ...box, class: "suggestion", "data-urgency": urgency });
    this.#draw(`${key}t`, "text", { ...labelSpot(drawn), class: "suggestion-text" }, label);
  }

  #drawLabel(text: string, middle: number): void {
    this.#draw("label", "text", { x: middle, y: 62, class: "suggestion-label" }, text);
  }

  #drawCursor({ x, y }: Point): void {
    this.#draw("cursor", "path", {
      d: `M${x - 12} ${y}h9m6 0h9M${x} ${y - 12}v9m0 6v9`,
      class: "cursor",
    });
  }

  #drawScaleBar({ length, text }: { length: number; text: string }, middle: number, y: number): void {
    const path = `M${middle - length / 2} ${y - 5}v5h${length}v-5`;
    this.#draw("bar", "path", { d: path, class: "scale-bar" });
    this.#draw("bar-text", "text", { x: middle, y: y - 6, class: "scale-text" }, text);
  }
}

/** The label stands beside the last point of a length, or the vertex of an angle, and stays inside the pane. */
export function labelAnchor({ points, kind, text }: DrawnMeasurement, { width, height }: Size): Point {
  const at = (kind === "angle" && points.length > 1 ? points[1] : points.at(-1)) ?? { x: 0, y: 0 };
  const room = text.length * 7.5 + 16;
  const x = at.x + room > width ? at.x - room + 4 : at.x + 12;
  return { x: Math.max(x, 4), y: Math.min(Math.max(at.y - 8, 16), height - 8) };
}
