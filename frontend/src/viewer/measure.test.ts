import { describe, expect, test } from "vitest";
import { angleOf, type Calibration, lengthOf, type Measurement, readingOf, scaleBarMm } from "./measure";

const WORDS = { uncalibrated: "uncalibrated", detector: "at the detector, magnified" };
const MM: Calibration = { kind: "calibrated", spacing: [0.5, 0.25] };

function measurement(changes: Partial<Measurement>): Measurement {
  const points = [
    { x: 0, y: 0 },
    { x: 80, y: 0 },
  ];
  return { id: 1, kind: "length", points, place: "a", calibration: MM, ...changes };
}

describe("length", () => {
  test("uses the spacing of each direction", () => {
    expect(lengthOf({ x: 0, y: 0 }, { x: 6, y: 16 }, [0.5, 0.25])).toBeCloseTo(5);
  });

  test("is the same from both ends", () => {
    const [a, b] = [
      { x: 3, y: 9 },
      { x: 14, y: 2 },
    ];
    expect(lengthOf(a, b, [0.3, 0.7])).toBe(lengthOf(b, a, [0.3, 0.7]));
  });

  test("of a calibrated picture is in millimetres", () => {
    expect(readingOf(measurement({}), WORDS)).toEqual({ value: 40, unit: "mm", text: "40.0 mm" });
  });

  test("at the detector names the magnification", () => {
    const reading = readingOf(measurement({ calibration: { ...MM, kind: "detector" } }), WORDS);
    expect(reading.text).toBe("40.0 mm (at the detector, magnified)");
  });

  test("without a spacing counts pixels and says so", () => {
    const reading = readingOf(measurement({ calibration: { kind: "none", spacing: [0.5, 0.25] } }), WORDS);
    expect(reading).toEqual({ value: 80, unit: "px", text: "80 px (uncalibrated)" });
  });
});

describe("angle", () => {
  const vertex = { x: 0, y: 0 };

  test.each([
    [{ x: 1, y: 0 }, { x: 0, y: 1 }, 90],
    [{ x: 1, y: 0 }, { x: -1, y: 0 }, 180],
    [{ x: 1, y: 0 }, { x: 1, y: 1 }, 45],
    [{ x: 1, y: 0 }, { x: 1, y: 0 }, 0],
  ])("between %j and %j is %d degrees", (a, b, degrees) => {
    expect(angleOf(a, vertex, b, [1, 1])).toBeCloseTo(degrees);
  });

  test("is that of the patient, not of the pixels", () => {
    expect(angleOf({ x: 1, y: 0 }, vertex, { x: 1, y: 2 }, [1, 0.5])).toBeCloseTo(45);
  });

  test("of an uncalibrated picture says that it is not sure", () => {
    const points = [{ x: 1, y: 0 }, vertex, { x: 0, y: 1 }];
    const calibration: Calibration = { kind: "none", spacing: [1, 1] };
    const reading = readingOf(measurement({ kind: "angle", points, calibration }), WORDS);
    expect(reading.text).toBe("90.0° (uncalibrated)");
    expect(reading.unit).toBe("deg");
  });
});

describe("scale bar", () => {
  test.each([
    [4, 20],
    [9, 10],
    [100, 0.5],
    [0.3, 200],
    [5000, 0.1],
  ])("at %d pixels a millimetre is %d mm long", (pixelsPerMm, mm) => {
    expect(scaleBarMm(pixelsPerMm)).toBe(mm);
  });
});
