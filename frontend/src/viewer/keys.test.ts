import { beforeEach, describe, expect, test, vi } from "vitest";
import { type Keyboard, pageKey, paneKey } from "./keys";
import { makePane } from "./testing";
import type { ToolName } from "./tools";

const pane = makePane();

function makeKeyboard(tool: ToolName = "crosshair") {
  return {
    tool,
    setTool: vi.fn(),
    act: vi.fn(),
    choosePreset: vi.fn(),
    cancel: vi.fn(),
    scroll: vi.fn(),
    goToEnd: vi.fn(),
    nudgeCrosshair: vi.fn(),
    changeWindow: vi.fn(),
    pan: vi.fn(),
    zoom: vi.fn(),
    moveCursor: vi.fn(),
    placePoint: vi.fn(),
    nudgeHandle: vi.fn(),
  } satisfies Keyboard;
}

function key(name: string, changes: KeyboardEventInit = {}): KeyboardEvent {
  return new KeyboardEvent("keydown", { key: name, ...changes });
}

let keyboard = makeKeyboard();

beforeEach(() => {
  keyboard = makeKeyboard();
});

describe("keys of the page", () => {
  test.each([
    ["s", "slices"],
    ["c", "crosshair"],
    ["w", "window"],
    ["p", "pan"],
    ["z", "zoom"],
    ["l", "length"],
    ["A", "angle"],
  ])("%s takes the tool %s", (name, tool) => {
    expect(pageKey(key(name), keyboard)).toBe(true);
    expect(keyboard.setTool).toHaveBeenCalledWith(tool);
  });

  test.each([
    ["i", "invert"],
    ["r", "reset"],
    ["m", "maximise"],
    ["?", "help"],
    ["Delete", "delete"],
    ["Backspace", "delete"],
  ])("%s does %s", (name, action) => {
    pageKey(key(name), keyboard);
    expect(keyboard.act).toHaveBeenCalledWith(action);
  });

  test.each([{ ctrlKey: true }, { metaKey: true }])("z with %j undoes", (changes) => {
    pageKey(key("z", changes), keyboard);
    expect(keyboard.act).toHaveBeenCalledWith("undo");
    expect(keyboard.setTool).not.toHaveBeenCalled();
  });

  test("the browser's own shortcuts are left alone", () => {
    expect(pageKey(key("p", { ctrlKey: true }), keyboard)).toBe(false);
    expect(pageKey(key("c", { metaKey: true }), keyboard)).toBe(false);
  });

  test("a digit chooses a preset", () => {
    pageKey(key("3"), keyboard);
    expect(keyboard.choosePreset).toHaveBeenCalledWith(3);
  });

  test("escape gives up", () => {
    pageKey(key("Escape"), keyboard);
    expect(keyboard.cancel).toHaveBeenCalled();
  });

  test("any other key is not ours", () => {
    expect(pageKey(key("x"), keyboard)).toBe(false);
  });
});

describe("keys of a pane", () => {
  test.each([
    ["PageUp", {}, -1],
    ["PageDown", {}, 1],
    ["PageDown", { shiftKey: true }, 10],
  ])("%s with %j turns %d slices", (name, changes, slices) => {
    paneKey(key(name, changes), pane, keyboard);
    expect(keyboard.scroll).toHaveBeenCalledWith(pane, slices);
  });

  test.each([
    ["Home", "first"],
    ["End", "last"],
  ])("%s goes to the %s slice", (name, end) => {
    paneKey(key(name), pane, keyboard);
    expect(keyboard.goToEnd).toHaveBeenCalledWith(pane, end);
  });

  test("enter sets a point", () => {
    paneKey(key("Enter"), pane, keyboard);
    expect(keyboard.placePoint).toHaveBeenCalledWith(pane);
  });

  test.each([
    ["crosshair", "nudgeCrosshair", [pane, { x: 1, y: 0 }]],
    ["slices", "scroll", [pane, 1]],
    ["window", "changeWindow", [8, 0]],
    ["pan", "pan", [pane, -12, -0]],
    ["zoom", "zoom", [pane, 1.05]],
    ["length", "moveCursor", [pane, { x: 1, y: 0 }]],
    ["angle", "moveCursor", [pane, { x: 1, y: 0 }]],
  ] as const)("with %s an arrow does %s", (tool, action, expected) => {
    keyboard = makeKeyboard(tool);
    paneKey(key("ArrowRight"), pane, keyboard);
    expect(keyboard[action]).toHaveBeenCalledWith(...expected);
  });

  test("shift makes a step ten times as long", () => {
    paneKey(key("ArrowUp", { shiftKey: true }), pane, keyboard);
    expect(keyboard.nudgeCrosshair).toHaveBeenCalledWith(pane, { x: 0, y: -10 });
  });

  test("an arrow on a handle moves that point", () => {
    const handle = document.createElement("span");
    handle.dataset.handle = "4:1";
    handle.addEventListener("keydown", (event) => paneKey(event, pane, keyboard));
    handle.dispatchEvent(key("ArrowDown"));
    expect(keyboard.nudgeHandle).toHaveBeenCalledWith(pane, "4:1", { x: 0, y: 1 });
  });
});
