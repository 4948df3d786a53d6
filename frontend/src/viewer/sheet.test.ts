import { describe, expect, test } from "vitest";
import { fitScale, fitted, middle, pan, type Sheet, toScreen, toSheet, zoomAt } from "./sheet";

const SHEET: Sheet = { width: 100, height: 50, spacing: [0.5, 0.4] };
const PANE = { width: 400, height: 300 };

describe("a fitted sheet", () => {
  test("fills the pane in the direction that is tighter", () => {
    expect(fitScale(SHEET, PANE)).toBeCloseTo((400 / 50) * 0.96);
  });

  test("has its middle in the middle of the pane", () => {
    expect(toScreen(SHEET, fitted(SHEET, PANE), PANE, middle(SHEET))).toEqual({ x: 200, y: 150 });
  });

  test("shows pixels that are not square in their true shape", () => {
    const view = fitted(SHEET, PANE);
    const origin = toScreen(SHEET, view, PANE, { x: 0, y: 0 });
    const next = toScreen(SHEET, view, PANE, { x: 1, y: 1 });
    expect((next.y - origin.y) / (next.x - origin.x)).toBeCloseTo(0.8);
  });
});

describe("points", () => {
  test("come back from the screen", () => {
    const view = { centre: { x: 20, y: 30 }, scale: 3 };
    const there = toScreen(SHEET, view, PANE, { x: 12.5, y: 44 });
    const back = toSheet(SHEET, view, PANE, there);
    expect(back.x).toBeCloseTo(12.5);
    expect(back.y).toBeCloseTo(44);
  });
});

describe("pan", () => {
  test("moves the picture with the hand", () => {
    const view = fitted(SHEET, PANE);
    const before = toScreen(SHEET, view, PANE, { x: 10, y: 10 });
    const after = toScreen(SHEET, pan(SHEET, view, 30, -12), PANE, { x: 10, y: 10 });
    expect(after.x - before.x).toBeCloseTo(30);
    expect(after.y - before.y).toBeCloseTo(-12);
  });

  test("never loses the picture", () => {
    const far = pan(SHEET, fitted(SHEET, PANE), 1e6, -1e6);
    expect(far.centre).toEqual({ x: -0.5, y: 49.5 });
  });
});

describe("zoom", () => {
  test("keeps the point under the pointer where it is", () => {
    const view = fitted(SHEET, PANE);
    const at = { x: 90, y: 200 };
    const under = toSheet(SHEET, view, PANE, at);
    const after = toScreen(SHEET, zoomAt(SHEET, view, PANE, at, 2.5), PANE, under);
    expect(after.x).toBeCloseTo(90);
    expect(after.y).toBeCloseTo(200);
  });

  test("ends at forty times and at half of the fitted size", () => {
    const view = fitted(SHEET, PANE);
    const at = { x: 200, y: 150 };
    expect(zoomAt(SHEET, view, PANE, at, 1e9).scale).toBeCloseTo(view.scale * 40);
    expect(zoomAt(SHEET, view, PANE, at, 1e-9).scale).toBeCloseTo(view.scale / 2);
  });
});
