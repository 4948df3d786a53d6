import { describe, expect, test } from "vitest";
import { greyOf } from "./testing";
import { dragWindow, fitPresets, histogramOf, otsu, windowOf } from "./window";

describe("dragging the window", () => {
  const window = { center: 500, width: 1000 };

  test("to the right widens it", () => {
    expect(dragWindow(window, 10, 0, [0, 8000])).toEqual({ center: 500, width: 1100 });
  });

  test("upwards brightens the picture", () => {
    const brighter = dragWindow(window, 0, -10, [0, 8000]);
    expect(greyOf(450, brighter)).toBeGreaterThan(greyOf(450, window));
  });

  test("adds up however slowly the hand moves over a picture of few greys", () => {
    let slow = { center: 128, width: 100 };
    for (let step = 0; step < 50; step++) slow = dragWindow(slow, 1, 1, [0, 255]);
    const quick = dragWindow({ center: 128, width: 100 }, 50, 50, [0, 255]);
    expect(slow.center).toBeCloseTo(quick.center);
    expect(slow.width).toBeCloseTo(quick.width);
    expect(quick.width).toBeGreaterThan(110);
  });

  test("never closes it", () => {
    expect(dragWindow(window, -1e6, 0, [0, 8000]).width).toBe(1);
  });
});

describe("presets", () => {
  /** Air at level 10, soft tissue at 80, bone at 140, enamel at 220. */
  const preview = new Uint8Array([
    ...new Array<number>(600).fill(10),
    ...new Array<number>(300).fill(80),
    ...new Array<number>(80).fill(140),
    ...new Array<number>(20).fill(220),
  ]);
  const histogram = histogramOf(preview, 0, 2550);

  test("the histogram counts every level", () => {
    expect(histogram.counts[80]).toBe(300);
    expect(histogram.counts[81]).toBe(0);
  });

  test("Otsu's threshold parts two classes", () => {
    expect(otsu(histogram.counts, 0, 255)).toBeGreaterThanOrEqual(10);
    expect(otsu(histogram.counts, 0, 255)).toBeLessThan(80);
  });

  test("a window that the server fitted is kept for bone", () => {
    const stated = { center: 900, width: 1700 };
    expect(fitPresets(histogram, stated, [0, 4000]).bone).toBe(stated);
  });

  test("teeth separate bone from enamel", () => {
    const { teeth } = fitPresets(histogram, null, [0, 4000]);
    expect(greyOf(1400, teeth)).toBeGreaterThan(0.1);
    expect(greyOf(2200, teeth) - greyOf(1400, teeth)).toBeGreaterThan(0.3);
  });

  test("soft tissue is told from air", () => {
    const { soft } = fitPresets(histogram, null, [0, 4000]);
    expect(greyOf(800, soft) - greyOf(100, soft)).toBeGreaterThan(0.5);
  });

  test("implants are told from enamel", () => {
    const { implant } = fitPresets(histogram, null, [0, 4000]);
    expect(greyOf(2200, implant)).toBeLessThan(0.95);
  });

  test("a window between two values spans both", () => {
    expect(windowOf(-100, 300)).toEqual({ center: 100, width: 400 });
    expect(windowOf(7, 7).width).toBe(1);
  });
});
