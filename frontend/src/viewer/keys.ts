/** Keys of the viewer. In a pane the arrows do what dragging does with the tool in hand. */
import type { Pane } from "./pane";
import type { Point } from "./sheet";
import type { ToolName } from "./tools";

const TOOL_KEYS: Readonly<Record<string, ToolName>> = {
  s: "slices",
  c: "crosshair",
  w: "window",
  p: "pan",
  z: "zoom",
  l: "length",
  a: "angle",
};

const ACTION_KEYS: Readonly<Record<string, string>> = {
  i: "invert",
  r: "reset",
  f: "suggestions",
  m: "maximise",
  "?": "help",
  Delete: "delete",
  Backspace: "delete",
};

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

export interface Keyboard {
  readonly tool: ToolName;
  setTool(tool: ToolName): void;
  act(action: string): void;
  choosePreset(number: number): void;
  cancel(): void;
  scroll(pane: Pane, slices: number): void;
  goToEnd(pane: Pane, end: "first" | "last"): void;
  nudgeCrosshair(pane: Pane, by: Point): void;
  changeWindow(dx: number, dy: number): void;
  pan(pane: Pane, dx: number, dy: number): void;
  zoom(pane: Pane, factor: number): void;
  moveCursor(pane: Pane, by: Point): void;
  placePoint(pane: Pane): void;
  nudgeHandle(pane: Pane, handle: string, by: Point): void;
}

/** Keys that work everywhere on the page; answers whether the key was one of them. */
export function pageKey(event: KeyboardEvent, keyboard: Keyboard): boolean {
  const { key } = event;
  if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z") return done(() => keyboard.act("undo"));
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (key === "Escape") return done(() => keyboard.cancel());
  const tool = TOOL_KEYS[key.toLowerCase()];
  if (tool) return done(() => keyboard.setTool(tool));
  const action = ACTION_KEYS[key] ?? ACTION_KEYS[key.toLowerCase()];
  if (action) return done(() => keyboard.act(action));
  if (/^[1-5]$/.test(key)) return done(() => keyboard.choosePreset(Number(key)));
  return false;
}

/** Keys of the pane that has the focus. */
export function paneKey(event: KeyboardEvent, pane: Pane, keyboard: Keyboard): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const many = event.shiftKey ? 10 : 1;
  switch (event.key) {
    case "PageUp":
      return done(() => keyboard.scroll(pane, -many));
    case "PageDown":
      return done(() => keyboard.scroll(pane, many));
    case "Home":
      return done(() => keyboard.goToEnd(pane, "first"));
    case "End":
      return done(() => keyboard.goToEnd(pane, "last"));
    case "+":
    case "=":
      return done(() => keyboard.zoom(pane, 1.25));
    case "-":
      return done(() => keyboard.zoom(pane, 0.8));
    case "Enter":
    case " ":
      return done(() => keyboard.placePoint(pane));
  }
  const arrow = ARROWS[event.key];
  return arrow ? arrowKey(event, pane, { x: arrow.x * many, y: arrow.y * many }, keyboard) : false;
}

function arrowKey(event: KeyboardEvent, pane: Pane, by: Point, keyboard: Keyboard): boolean {
  const handle = event.target instanceof Element ? event.target.getAttribute("data-handle") : null;
  if (handle) return done(() => keyboard.nudgeHandle(pane, handle, by));
  switch (keyboard.tool) {
    case "slices":
      return done(() => keyboard.scroll(pane, by.y || by.x));
    case "crosshair":
      return done(() => keyboard.nudgeCrosshair(pane, by));
    case "window":
      return done(() => keyboard.changeWindow(by.x * 8, by.y * 8));
    case "pan":
      return done(() => keyboard.pan(pane, -by.x * 12, -by.y * 12));
    case "zoom":
      return done(() => keyboard.zoom(pane, 1.05 ** (by.x - by.y)));
    default:
      return done(() => keyboard.moveCursor(pane, by));
  }
}

function done(act: () => void): true {
  act();
  return true;
}
