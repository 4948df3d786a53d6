import { beforeEach, describe, expect, test, vi } from "vitest";
import type { DrawnMeasurement } from "./overlay";
import { composeView, type PrintedView } from "./print";

const WIDTH_OF_A_LETTER = 7;
const RECT = { x: 0, y: 0, width: 400, height: 300 };
const LENGTH: DrawnMeasurement = {
  id: 1,
  kind: "length",
  points: [
    { x: 100, y: 100 },
    { x: 390, y: 100 },
  ],
  text: "12.3 mm (at the detector, magnified)",
  isSelected: false,
  handleLabel: "",
};

let written: { text: string; x: number; y: number }[];

function compose(changes: Partial<PrintedView>): void {
  const canvas = document.createElement("canvas");
  composeView({
    canvas,
    rect: RECT,
    head: ["Doe, Jane"],
    foot: ["Axial"],
    notice: "Not for diagnosis.",
    letters: null,
    measurements: [],
    ...changes,
  });
}

beforeEach(() => {
  written = [];
  const pen = new Proxy(
    {
      measureText: (text: string) => ({ width: text.length * WIDTH_OF_A_LETTER }),
      fillText: (text: string, x: number, y: number) => written.push({ text, x, y }),
    } as Record<string, unknown>,
    { get: (known, name: string) => known[name] ?? (() => undefined), set: () => true },
  );
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(pen as never);
});

test("what stands above and below the picture is written whole on a narrow pane", () => {
  const head = ["Doe-Featherstonehaugh, Jane Wilhelmina · P-1234567890 · F · born 1980-01-01"];
  const foot = ["Image 1 of 4 · Lengths are those at the detector; the patient's structures are smaller"];
  compose({ head, foot, notice: "" });
  const widest = Math.max(...written.map(({ text }) => text.length * WIDTH_OF_A_LETTER));
  expect(widest).toBeLessThan(RECT.width);
  expect(written.map(({ text }) => text).join(" ")).toBe([...head, ...foot].join(" "));
});

describe("a measurement on paper", () => {
  const placeOf = (text: string) => written.find((one) => one.text === text) ?? { x: Number.NaN, y: 0 };

  test("is written whole where it ends at the right edge", () => {
    compose({ measurements: [LENGTH] });
    expect(placeOf(LENGTH.text).x + LENGTH.text.length * WIDTH_OF_A_LETTER).toBeLessThanOrEqual(RECT.width);
  });

  test("is written below the head where it ends at the upper edge", () => {
    const points = [
      { x: 100, y: 100 },
      { x: 100, y: 2 },
    ];
    compose({ measurements: [{ ...LENGTH, points }] });
    expect(placeOf(LENGTH.text).y).toBeGreaterThan(0);
  });
});
