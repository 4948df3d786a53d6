import { beforeEach, describe, expect, test } from "vitest";
import { type DrawnMeasurement, labelAnchor, Overlay, type OverlayModel } from "./overlay";
import { wrap } from "./print";

const SIZE = { width: 400, height: 300 };
const NOTHING: OverlayModel = {
  size: SIZE,
  floor: 280,
  crosshair: null,
  measurements: [],
  cursor: null,
  scaleBar: null,
};
const LENGTH: DrawnMeasurement = {
  id: 7,
  kind: "length",
  points: [
    { x: 10, y: 20 },
    { x: 110, y: 20 },
  ],
  text: "40.0 mm",
  isSelected: false,
  handleLabel: "End of the length",
};

let svg: SVGSVGElement;
let overlay: Overlay;

beforeEach(() => {
  svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  overlay = new Overlay(svg);
});

describe("an overlay", () => {
  test("draws the crosshair in the colours of the other planes", () => {
    const crosshair = {
      at: { x: 100, y: 50 },
      horizontal: "coronal",
      vertical: "sagittal",
      slab: { x: 0, y: 0 },
    };
    overlay.update({ ...NOTHING, crosshair });
    expect(svg.querySelectorAll('.cross[data-of="coronal"]')).toHaveLength(2);
    expect(svg.querySelector('[data-line="horizontal"]')?.getAttribute("y1")).toBe("50");
    expect(svg.querySelectorAll(".slab")).toHaveLength(0);
  });

  test("shows both edges of a slab", () => {
    const crosshair = {
      at: { x: 100, y: 50 },
      horizontal: "coronal",
      vertical: "sagittal",
      slab: { x: 30, y: 20 },
    };
    overlay.update({ ...NOTHING, crosshair });
    const edges = [...svg.querySelectorAll('.slab[data-of="coronal"]')].map((line) =>
      line.getAttribute("y1"),
    );
    expect(edges).toEqual(["30", "70"]);
  });

  test("names every handle for those who listen", () => {
    overlay.update({ ...NOTHING, measurements: [LENGTH] });
    const labels = [...svg.querySelectorAll(".handle")].map((handle) => handle.getAttribute("aria-label"));
    expect(labels).toEqual(["End of the length 1", "End of the length 2"]);
    expect(svg.querySelector(".measure-text")?.textContent).toBe("40.0 mm");
  });

  test("keeps the element of a handle that moves, and so its focus", () => {
    overlay.update({ ...NOTHING, measurements: [LENGTH] });
    const before = svg.querySelector('[data-handle="7:1"]');
    overlay.update({
      ...NOTHING,
      measurements: [
        {
          ...LENGTH,
          points: [
            { x: 0, y: 0 },
            { x: 5, y: 5 },
          ],
        },
      ],
    });
    expect(svg.querySelector('[data-handle="7:1"]')).toBe(before);
    expect(before?.getAttribute("cx")).toBe("5");
  });

  test("gives a measurement in the making no handles", () => {
    overlay.update({ ...NOTHING, measurements: [{ ...LENGTH, id: null }] });
    expect(svg.querySelectorAll(".handle")).toHaveLength(0);
    expect(svg.querySelectorAll(".dot")).toHaveLength(2);
  });

  test("forgets what is no longer there", () => {
    overlay.update({
      ...NOTHING,
      measurements: [LENGTH],
      cursor: { x: 1, y: 1 },
      scaleBar: { length: 80, text: "20 mm" },
    });
    overlay.update(NOTHING);
    expect(svg.children).toHaveLength(0);
  });
});

describe("a label", () => {
  test("stands beside the last point of a length", () => {
    expect(labelAnchor(LENGTH, SIZE)).toEqual({ x: 122, y: 16 });
  });

  test("stands beside the vertex of an angle", () => {
    const points = [
      { x: 10, y: 100 },
      { x: 60, y: 100 },
      { x: 60, y: 200 },
    ];
    expect(labelAnchor({ ...LENGTH, kind: "angle", points }, SIZE)).toEqual({ x: 72, y: 92 });
  });

  test("turns to the left at the right edge", () => {
    const points = [
      { x: 10, y: 100 },
      { x: 395, y: 100 },
    ];
    expect(labelAnchor({ ...LENGTH, points }, SIZE).x).toBeLessThan(395);
  });
});

describe("lines on paper", () => {
  const fits = (line: string) => line.length <= 12;

  test("break at spaces where they would not fit", () => {
    expect(wrap("Not for diagnosis. Demonstration.", fits)).toEqual([
      "Not for",
      "diagnosis.",
      "Demonstration.",
    ]);
  });

  test("of nothing are none", () => {
    expect(wrap("  ", fits)).toEqual([]);
  });
});
