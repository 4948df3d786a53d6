import { describe, expect, test, vi } from "vitest";
import { framesOf } from "./plain";
import { showResults } from "./results";
import { Strip } from "./strip";
import { makeImage, makeScene, makeSeries, makeVolume } from "./testing";
import { readTexts } from "./texts";

const WORDS = { uncalibrated: "uncalibrated", detector: "magnified" };
const LENGTH = {
  id: 3,
  kind: "length",
  points: [
    { x: 0, y: 0 },
    { x: 80, y: 0 },
  ],
  place: "s/axial/2",
  calibration: { kind: "calibrated", spacing: [0.5, 0.5] },
} as const;

function makeTexts() {
  const template = document.createElement("template");
  template.innerHTML = '<p data-text="slice"> Slice {n} of {total} </p><p data-text="slices">Slices: {n}</p>';
  return readTexts(template);
}

describe("the list of results", () => {
  const actions = {
    show: vi.fn(),
    remove: vi.fn(),
    title: () => "Axial 3",
    removeLabel: (text: string) => `Delete ${text}`,
  };
  const list = document.createElement("ol");

  test("holds the value where a test or a script can read it", () => {
    showResults(list, [LENGTH], null, WORDS, actions);
    const output = list.querySelector("output");
    expect(output?.dataset.valueMm).toBe("40.0");
    expect(output?.textContent).toBe("40.0 mm");
  });

  test("holds pixels where there is no spacing", () => {
    const calibration = { kind: "none", spacing: [1, 1] } as const;
    showResults(list, [{ ...LENGTH, calibration }], null, WORDS, actions);
    expect(list.querySelector("output")?.dataset.valuePx).toBe("80");
    expect(list.querySelector("output")?.dataset.valueMm).toBeUndefined();
  });

  test("marks the chosen one", () => {
    showResults(list, [LENGTH, { ...LENGTH, id: 4 }], 4, WORDS, actions);
    expect([...list.children].map((item) => item.hasAttribute("data-selected"))).toEqual([false, true]);
  });

  test("shows and deletes by buttons that say what they do", () => {
    showResults(list, [LENGTH], null, WORDS, actions);
    list.querySelector<HTMLElement>('[data-result="show"]')?.click();
    const remove = list.querySelector<HTMLElement>('[data-result="remove"]');
    remove?.click();
    expect(actions.show).toHaveBeenCalledWith(LENGTH);
    expect(actions.remove).toHaveBeenCalledWith(LENGTH);
    expect(remove?.getAttribute("aria-label")).toBe("Delete Axial 3: 40.0 mm");
  });
});

describe("the strip of series", () => {
  const second = makeSeries({ id: "second", SeriesDescription: "Panoramic" });
  const scene = makeScene([makeSeries(), second]);

  test("opens the series that is chosen", () => {
    const [list, choose] = [document.createElement("ol"), vi.fn()];
    new Strip(list, scene, makeTexts(), choose);
    list.querySelector<HTMLElement>('[data-series="second"]')?.click();
    expect(choose).toHaveBeenCalledWith(second);
    expect(list.textContent).toContain("Slices: 30");
  });

  test("marks the series that is open", () => {
    const list = document.createElement("ol");
    new Strip(list, scene, makeTexts(), vi.fn()).select(second);
    const marks = [...list.querySelectorAll("button")].map((button) => button.getAttribute("aria-current"));
    expect(marks).toEqual(["false", "true"]);
  });
});

describe("texts", () => {
  test("are filled with values", () => {
    expect(makeTexts()("slice", { n: 3, total: 9 })).toBe("Slice 3 of 9");
  });

  test("leave a place that has no value", () => {
    expect(makeTexts()("slice", { n: 3 })).toBe("Slice 3 of {total}");
  });

  test("that are missing show their name", () => {
    expect(makeTexts()("unknown")).toBe("unknown");
  });
});

describe("without WebGL", () => {
  test("a volume's frames are shown one by one, missing ones left out", () => {
    const volume = makeVolume({ frames: ["1.2/frames/1", null, "1.3/frames/1"] });
    expect(framesOf(makeSeries({ volume }))).toEqual(["1.2/frames/1", "1.3/frames/1"]);
  });

  test("images are named by instance and frame", () => {
    const series = makeSeries({ kind: "images", volume: null, images: [makeImage({ frame: 2 })] });
    expect(framesOf(series)).toEqual(["1.2.3/frames/2"]);
  });
});
