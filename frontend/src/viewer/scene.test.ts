import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { firstSeries, frameUrl, loadScene, seriesUrl, waitForSeries } from "./scene";
import { makeImage, makeScene, makeSeries, makeVolume } from "./testing";

const fetched = vi.fn<typeof fetch>();
const { signal } = new AbortController();

beforeEach(() => {
  vi.useFakeTimers();
  fetched.mockReset();
  vi.stubGlobal("fetch", fetched);
});

afterEach(() => {
  location.hash = "";
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function answer(...scenes: unknown[]): void {
  for (const scene of scenes) fetched.mockResolvedValueOnce(new Response(JSON.stringify(scene)));
}

describe("a scene", () => {
  test("that is no scene is incomplete", async () => {
    answer({ detail: "?" });
    await expect(loadScene("/scene", signal)).rejects.toMatchObject({ problem: "incomplete" });
  });

  test("shows the images beside a volume as a series of their own", async () => {
    answer(makeScene([makeSeries({ images: [makeImage()], warnings: ["a gap"] })]));
    const { series } = await loadScene("/scene", signal);
    expect(series.map(({ id, kind }) => [id, kind])).toEqual([
      ["series-1", "volume"],
      ["series-1-images", "images"],
    ]);
    expect(series[1]?.warnings).toEqual([]);
  });

  test("gives each image the table that it names", async () => {
    const voi_luts = [
      { first: 0, bits: 8, data: [0, 255] },
      { first: 5, bits: 8, data: [255, 0] },
    ];
    const images = [1, null].map((voi_lut) => ({ ...makeImage(), voi_lut }));
    answer({
      ...makeScene([]),
      series: [{ ...makeSeries({ kind: "images", volume: null }), images, voi_luts }],
    });
    const { series } = await loadScene("/scene", signal);
    expect(series[0]?.images?.map((image) => image.voi_lut)).toEqual([voi_luts[1], null]);
  });

  test("treats a volume without geometry as images", async () => {
    answer(makeScene([makeSeries({ volume: null, images: [makeImage()] })]));
    const { series } = await loadScene("/scene", signal);
    expect(series.map(({ kind }) => kind)).toEqual(["images"]);
  });
});

describe("waiting for a series", () => {
  test("asks every two seconds until it is ready", async () => {
    const preparing = makeScene([makeSeries({ kind: "preparing" })]);
    answer(preparing, makeScene([makeSeries()]));
    const waiting = waitForSeries("/scene", "series-1", ({ kind }) => kind !== "preparing", signal);
    await vi.advanceTimersByTimeAsync(4000);
    expect((await waiting)?.kind).toBe("volume");
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  test("ends when the reader leaves", async () => {
    const leave = new AbortController();
    leave.abort();
    expect(await waitForSeries("/scene", "series-1", () => true, leave.signal)).toBeNull();
  });
});

describe("what is opened first", () => {
  const images = makeSeries({ id: "images", kind: "images", volume: null });
  const scout = makeSeries({ id: "scout", volume: makeVolume({ slices: 3 }) });
  const volume = makeSeries({ id: "volume" });

  test("is the largest volume", () => {
    expect(firstSeries(makeScene([images, scout, volume]))?.id).toBe("volume");
  });

  test("is the first series of images where there is no volume", () => {
    const document = makeSeries({ id: "document", kind: "document", volume: null });
    expect(firstSeries(makeScene([document, images]))?.id).toBe("images");
  });

  test("is the one that the address names", () => {
    location.hash = "#images";
    const scene = makeScene([volume, images]);
    expect(firstSeries(scene)?.id).toBe("images");
    location.hash = "#of-another-study";
    expect(firstSeries(scene)?.id).toBe("volume");
  });

  test("is nothing in an empty study", () => {
    expect(firstSeries(makeScene([]))).toBeUndefined();
  });
});

describe("addresses", () => {
  const scene = makeScene([makeSeries()]);

  test("are those of DICOMweb", () => {
    expect(seriesUrl(scene, makeSeries())).toBe("/dicom-web/studies/1.2.840/series/1.2.840.1");
    expect(frameUrl(scene, makeSeries(), "1.2.5/frames/1")).toBe(
      "/dicom-web/studies/1.2.840/series/1.2.840.1/instances/1.2.5/frames/1",
    );
  });
});
