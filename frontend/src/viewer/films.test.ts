import { describe, expect, test } from "vitest";
import { calibrationOf, filmLetters, makeGreyFilm, sheetOf, showsTable, voiFunctionOf } from "./films";
import { makeImage } from "./testing";

function words(...values: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint16Array(values).buffer);
}

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

  test("leaves out what only fills the image up", () => {
    const film = makeGreyFilm(words(0, 20, 30, 40, 50, 0), makeImage({ PixelPaddingValue: 0 }));
    expect(film.range).toEqual([20, 50]);
  });

  test("leaves out signed padding", () => {
    const image = makeImage({ PixelPaddingValue: -2000, PixelRepresentation: 1 });
    expect(makeGreyFilm(words(0xf830, 2, 3, 4, 5, 6), image).range).toEqual([2, 6]);
  });

  test("of an image of padding alone is not empty", () => {
    expect(makeGreyFilm(words(7, 7, 7, 7, 7, 7), makeImage({ PixelPaddingValue: 7 })).range).toEqual([0, 1]);
  });

  test("is what its table tells apart, if there is only a table", () => {
    const voi_lut = { first: 100, bits: 8, data: Array.from({ length: 201 }, (_, index) => index) };
    const film = makeGreyFilm(words(1, 2, 3, 4, 5, 6), makeImage({ voi_lut }));
    expect(film.window).toEqual({ center: 200, width: 200 });
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

describe("the table of a film", () => {
  const voi_lut = { first: 0, bits: 8, data: [0, 128, 255] };
  const window = { center: 7, width: 9 };

  test("is shown until the reader chooses a window", () => {
    const image = makeImage({ voi_lut, window });
    const film = makeGreyFilm(words(1, 2, 3, 4, 5, 6), image);
    expect(showsTable(film, image, { center: 7, width: 9 })).toBe(true);
    expect(showsTable(film, image, { center: 8, width: 9 })).toBe(false);
  });

  test("is not made up where there is none", () => {
    const film = makeGreyFilm(words(1, 2, 3, 4, 5, 6), makeImage({ window }));
    expect(showsTable(film, makeImage({ window }), window)).toBe(false);
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
