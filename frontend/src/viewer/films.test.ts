import { describe, expect, test } from "vitest";
import {
  calibrationOf,
  filmLetters,
  isInverse,
  isRawGrey,
  makeGreyFilm,
  normalise,
  sheetOf,
  voiFunctionOf,
} from "./films";
import { makeImage } from "./testing";

function words(...values: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint16Array(values).buffer);
}

describe("which films come raw", () => {
  test.each(["MONOCHROME1", "MONOCHROME2"])("%s does", (photometric) => {
    expect(isRawGrey(makeImage({ PhotometricInterpretation: photometric }))).toBe(true);
  });

  test.each([
    { PhotometricInterpretation: "RGB", SamplesPerPixel: 3 },
    { PhotometricInterpretation: "PALETTE COLOR" },
    { BitsAllocated: 1 },
    { BitsAllocated: 32 },
  ])("%j does not", (changes) => {
    expect(isRawGrey(makeImage(changes))).toBe(false);
  });

  test("MONOCHROME1 is shown inverse", () => {
    expect(isInverse(makeImage({ PhotometricInterpretation: "MONOCHROME1" }))).toBe(true);
    expect(isInverse(makeImage())).toBe(false);
  });
});

describe("stored values", () => {
  test("lose what lies above the stored bits", () => {
    const bytes = words(0xf123, 0x0fff);
    expect(normalise(bytes, makeImage())).toBe(0);
    expect([...new Uint16Array(bytes.buffer)]).toEqual([0x0123, 0x0fff]);
  });

  test("that are signed are lifted above zero", () => {
    const bytes = words(0xffff, 0x0001);
    const offset = normalise(bytes, makeImage({ PixelRepresentation: 1 }));
    expect(offset).toBe(2048);
    expect([...new Uint16Array(bytes.buffer)]).toEqual([2047, 2049]);
  });

  test("that fill their bits stay as they are", () => {
    const bytes = words(0xf123);
    normalise(bytes, makeImage({ BitsStored: 16 }));
    expect(new Uint16Array(bytes.buffer)[0]).toBe(0xf123);
  });
});

describe("the window of a film", () => {
  test("is the stored one", () => {
    const window = { center: 7, width: 9 };
    expect(makeGreyFilm(words(1, 2, 3, 4, 5, 6), makeImage({ window })).window).toBe(window);
  });

  test("is the whole range where none is stored", () => {
    const film = makeGreyFilm(words(10, 20, 30, 40, 50, 60), makeImage({ slope: 2, intercept: -10 }));
    expect(film.range).toEqual([10, 110]);
    expect(film.window).toEqual({ center: 60, width: 100 });
  });

  test("knows the range of a falling slope", () => {
    const film = makeGreyFilm(words(10, 20, 30, 40, 50, 60), makeImage({ slope: -1 }));
    expect(film.range).toEqual([-60, -10]);
  });

  test("of signed values is in stored values, not in lifted ones", () => {
    const film = makeGreyFilm(words(0xffff, 1, 1, 1, 1, 1), makeImage({ PixelRepresentation: 1 }));
    expect(film.range).toEqual([-1, 1]);
  });

  test.each([
    ["SIGMOID", "SIGMOID"],
    ["LINEAR_EXACT", "LINEAR_EXACT"],
    ["LINEAR", "LINEAR"],
    [null, "LINEAR"],
    ["UNKNOWN", "LINEAR"],
  ])("with the function %s is %s", (stated, used) => {
    expect(voiFunctionOf(makeImage({ voi_function: stated }))).toBe(used);
  });
});

describe("spacing", () => {
  test("is between columns, then between rows", () => {
    expect(sheetOf(makeImage())).toEqual({ width: 3, height: 2, spacing: [0.1, 0.2] });
  });

  test("at the detector stays named", () => {
    expect(calibrationOf(makeImage({ spacing_kind: "detector" })).kind).toBe("detector");
  });

  test("that is missing makes pixels of length one", () => {
    const image = makeImage({ spacing_mm: null, spacing_kind: "none" });
    expect(calibrationOf(image)).toEqual({ kind: "none", spacing: [1, 1] });
  });
});

describe("letters", () => {
  test("come from the patient orientation", () => {
    expect(filmLetters(makeImage({ PatientOrientation: ["L", "F"] }))).toEqual({
      left: "R",
      right: "L",
      top: "H",
      bottom: "F",
    });
  });

  test("come from the directions where it is absent", () => {
    const orientation = { row: [0, 1, 0], column: [0, 0, -1] } as const;
    expect(filmLetters(makeImage({ orientation }))?.right).toBe("P");
  });

  test("are not invented", () => {
    expect(filmLetters(makeImage({ PatientOrientation: [] }))).toBeNull();
  });
});
