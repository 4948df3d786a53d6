/** Pointer, wheel and touch: what a drag means with each tool, and the gestures that always work. */
import type { Pane } from "./pane";
import type { Point } from "./sheet";

export type ToolName = "slices" | "crosshair" | "window" | "pan" | "zoom" | "length" | "angle";

/** What the tools can do to the picture; positions are CSS pixels in the pane. */
export interface Hand {
  readonly tool: ToolName;
  readonly isCompact: boolean;
  focus(pane: Pane): void;
  scroll(pane: Pane, slices: number): void;
  pointAt(pane: Pane, at: Point): void;
  dragLine(pane: Pane, line: "horizontal" | "vertical", at: Point): void;
  changeWindow(dx: number, dy: number): void;
  pan(pane: Pane, dx: number, dy: number): void;
  zoom(pane: Pane, factor: number, at?: Point): void;
  measureDown(pane: Pane, at: Point): void;
  measureMove(pane: Pane, at: Point): void;
  measureUp(pane: Pane, at: Point): void;
  beginHandle(id: number): void;
  moveHandle(pane: Pane, id: number, index: number, at: Point): void;
  select(id: number | null): void;
  hover(pane: Pane, at: Point | null): void;
  maximise(pane: Pane): void;
  nextPlane(step: number): void;
}

interface Gesture {
  move(at: Point, dx: number, dy: number): void;
  end?(at: Point): void;
}

/** A drag over this many pixels turns one slice; the wheel counts this many pixels as one notch. */
const PIXELS_PER_SLICE = 6;
const PIXELS_PER_NOTCH = 100;
const SWIPE_PIXELS = 70;
const ZOOM_PER_PIXEL = 1.006;

export class Tools {
  readonly #hand: Hand;
  readonly #pointers = new Map<number, Point>();
  #gesture: Gesture | null = null;
  #wheel = 0;

  constructor(hand: Hand) {
    this.#hand = hand;
  }

  attach(pane: Pane): void {
    const { element } = pane;
    element.addEventListener("pointerdown", (event) => this.#down(pane, event));
    element.addEventListener("pointermove", (event) => this.#move(pane, event));
    element.addEventListener("pointerup", (event) => this.#up(pane, event));
    element.addEventListener("pointercancel", (event) => this.#up(pane, event));
    element.addEventListener("pointerleave", () => this.#hand.hover(pane, null));
    element.addEventListener("wheel", (event) => this.#turn(pane, event), { passive: false });
    element.addEventListener("dblclick", (event) => this.#double(pane, event));
    element.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  #down(pane: Pane, event: PointerEvent): void {
    if (isControl(event.target)) return;
    const at = pane.pointOf(event);
    pane.element.setPointerCapture(event.pointerId);
    if (!isHandle(event.target)) this.#hand.focus(pane);
    this.#pointers.set(event.pointerId, at);
    this.#gesture = this.#pointers.size === 2 ? this.#pinch(pane) : this.#gestureFor(pane, event, at);
  }

  #move(pane: Pane, event: PointerEvent): void {
    const at = pane.pointOf(event);
    const before = this.#pointers.get(event.pointerId);
    if (!before) {
      this.#hand.measureMove(pane, at);
      this.#hand.hover(pane, at);
      return;
    }
    this.#pointers.set(event.pointerId, at);
    this.#gesture?.move(at, at.x - before.x, at.y - before.y);
  }

  #up(pane: Pane, event: PointerEvent): void {
    if (!this.#pointers.delete(event.pointerId)) return;
    this.#gesture?.end?.(pane.pointOf(event));
    this.#gesture = null;
  }

  #gestureFor(pane: Pane, event: PointerEvent, at: Point): Gesture {
    const target = event.target as Element;
    if (event.button === 1) return this.#panGesture(pane);
    if (event.button === 2) return { move: (_at, dx, dy) => this.#hand.changeWindow(dx, dy) };
    const handle = target.getAttribute("data-handle");
    if (handle) return this.#handleGesture(pane, handle);
    const isMeasuring = this.#hand.tool === "length" || this.#hand.tool === "angle";
    const measure = target.getAttribute("data-measure");
    if (measure && !isMeasuring) this.#hand.select(Number(measure));
    const line = target.getAttribute("data-line") as "horizontal" | "vertical" | null;
    if (line && !isMeasuring) return { move: (point) => this.#hand.dragLine(pane, line, point) };
    return this.#toolGesture(pane, at);
  }

  #toolGesture(pane: Pane, at: Point): Gesture {
    switch (this.#hand.tool) {
      case "slices":
        return this.#slicesGesture(pane);
      case "crosshair":
        this.#hand.pointAt(pane, at);
        return { move: (point) => this.#hand.pointAt(pane, point) };
      case "window":
        return { move: (_at, dx, dy) => this.#hand.changeWindow(dx, dy) };
      case "pan":
        return this.#panGesture(pane);
      case "zoom":
        return { move: (_at, _dx, dy) => this.#hand.zoom(pane, ZOOM_PER_PIXEL ** -dy, at) };
      default:
        this.#hand.measureDown(pane, at);
        return {
          move: (point) => this.#hand.measureMove(pane, point),
          end: (point) => this.#hand.measureUp(pane, point),
        };
    }
  }

  #panGesture(pane: Pane): Gesture {
    return { move: (_at, dx, dy) => this.#hand.pan(pane, dx, dy) };
  }

  /** Up and down turns slices; on a small screen a stroke to the side goes to the next plane. */
  #slicesGesture(pane: Pane): Gesture {
    let [across, down, rest] = [0, 0, 0];
    return {
      move: (_at, dx, dy) => {
        across += dx;
        down += Math.abs(dy);
        rest += dy;
        const slices = Math.trunc(rest / PIXELS_PER_SLICE);
        rest -= slices * PIXELS_PER_SLICE;
        if (slices !== 0) this.#hand.scroll(pane, slices);
      },
      end: () => {
        const isSwipe = Math.abs(across) > SWIPE_PIXELS && Math.abs(across) > 2 * down;
        if (isSwipe && this.#hand.isCompact) this.#hand.nextPlane(across < 0 ? 1 : -1);
      },
    };
  }

  #handleGesture(pane: Pane, handle: string): Gesture {
    const [id, index] = handle.split(":").map(Number) as [number, number];
    this.#hand.beginHandle(id);
    return { move: (point) => this.#hand.moveHandle(pane, id, index, point) };
  }

  /** Two fingers zoom around their middle and carry the picture along. */
  #pinch(pane: Pane): Gesture {
    let before = this.#span();
    return {
      move: () => {
        const now = this.#span();
        this.#hand.pan(pane, now.middle.x - before.middle.x, now.middle.y - before.middle.y);
        if (before.distance > 0) this.#hand.zoom(pane, now.distance / before.distance, now.middle);
        before = now;
      },
    };
  }

  #span(): { middle: Point; distance: number } {
    const [a, b] = [...this.#pointers.values()];
    if (!a || !b) return { middle: a ?? { x: 0, y: 0 }, distance: 0 };
    return { middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, distance: Math.hypot(a.x - b.x, a.y - b.y) };
  }

  #turn(pane: Pane, event: WheelEvent): void {
    if (isControl(event.target)) return;
    event.preventDefault();
    // A pinch on a touchpad arrives as a wheel with the control key.
    if (event.ctrlKey || event.metaKey) {
      this.#hand.zoom(pane, ZOOM_PER_PIXEL ** -wheelPixels(event), pane.pointOf(event));
      return;
    }
    this.#wheel += wheelPixels(event);
    const notches = Math.trunc(this.#wheel / PIXELS_PER_NOTCH);
    this.#wheel -= notches * PIXELS_PER_NOTCH;
    if (notches !== 0) this.#hand.scroll(pane, notches * (event.shiftKey ? 10 : 1));
  }

  #double(pane: Pane, event: MouseEvent): void {
    const isMeasuring = this.#hand.tool === "length" || this.#hand.tool === "angle";
    if (!isControl(event.target) && !isMeasuring) this.#hand.maximise(pane);
  }
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, input, select, a, label") !== null;
}

function isHandle(target: EventTarget | null): boolean {
  return target instanceof Element && target.hasAttribute("data-handle");
}

/** Browsers count in pixels, lines or pages; a mouse notch is about 100 pixels or 3 lines. */
function wheelPixels({ deltaMode, deltaX, deltaY }: WheelEvent): number {
  const delta = deltaY || deltaX;
  if (deltaMode === WheelEvent.DOM_DELTA_LINE) return delta * 33;
  return deltaMode === WheelEvent.DOM_DELTA_PAGE
    ? delta * 400
    : Math.sign(delta) * Math.min(Math.abs(delta), 100);
}
