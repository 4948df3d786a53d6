import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { eventually } from "../testing/eventually";
import { FilmPicture } from "./film-picture";
import type { PictureHost } from "./picture";
import type { Renderer } from "./renderer";
import type { SceneImage } from "./scene";
import { makeImage, makeScene, makeSeries, makeTemplate } from "./testing";

const fetched = vi.fn<typeof fetch>();
const renderer = { largestFilm: 4096, setFilm: vi.fn(), clear: vi.fn(), drawFilm: vi.fn() };
let host: PictureHost;

function makePicture(...images: SceneImage[]): FilmPicture {
  const series = makeSeries({ kind: "images", volume: null, images });
  host = {
    scene: makeScene([series]),
    texts: (key) => key,
    display: { window: { center: 0, width: 1 }, isInverted: false, slab: { mode: "max", thicknessMm: 0 } },
    redraw: vi.fn(),
    redrawLater: vi.fn(),
    shown: vi.fn(),
    progress: vi.fn(),
    failed: vi.fn(),
  };
  return new FilmPicture(series, host, renderer as unknown as Renderer, makeTemplate());
}

function asked(): string[] {
  return fetched.mock.calls.map(([url]) => String(url).split("/instances/").at(-1) ?? "");
}

beforeEach(() => {
  vi.clearAllMocks();
  fetched.mockImplementation(
    async () => new Response(new Uint8Array([0, 0, 100, 0, 0, 1, 0, 2, 0, 3, 0, 4])),
  );
  vi.stubGlobal("fetch", fetched);
  vi.stubGlobal("createImageBitmap", async () => ({}));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a film", () => {
  test("opens with its stored window", async () => {
    const window = { center: 300, width: 400 };
    await makePicture(makeImage({ window })).open();
    expect(host.display.window).toBe(window);
    expect(host.shown).toHaveBeenCalledWith("full");
  });

  test("of grey values comes raw", async () => {
    await makePicture(makeImage()).open();
    expect(asked()).toEqual(["1.2.3/frames/1"]);
  });

  test("in colour comes as the server renders it, without a window", async () => {
    const picture = makePicture(makeImage({ is_raw_grey: false }));
    await picture.open();
    expect(asked()).toEqual(["1.2.3/frames/1/rendered"]);
    expect(picture.canWindow).toBe(false);
  });

  test("larger than the device's textures comes as the server renders it", async () => {
    await makePicture(makeImage({ Columns: 5000 })).open();
    expect(asked()).toEqual(["1.2.3/frames/1/rendered"]);
  });

  test("in MONOCHROME1 is drawn inverse, and not when the reader inverts it", async () => {
    const picture = makePicture(makeImage({ is_inverse: true }));
    await picture.open();
    picture.draw();
    host.display.isInverted = true;
    picture.draw();
    const inverted = renderer.drawFilm.mock.calls.map(([, shot]) => shot.isInverted);
    expect(inverted).toEqual([true, false]);
  });

  test("that is much wider than high says so until the reader zooms in", async () => {
    const [wide, upright] = [makePicture(makeImage({ Columns: 6, Rows: 1 })), makePicture(makeImage())];
    const isSaid = (picture: FilmPicture) => picture.panes[0]?.element.hasAttribute("data-is-wide");
    await Promise.all([wide.open(), upright.open()]);
    wide.draw();
    upright.draw();
    expect([isSaid(wide), isSaid(upright)]).toEqual([true, false]);
    wide.panes[0]?.zoom(2);
    wide.draw();
    expect(isSaid(wide)).toBe(false);
  });

  test("tells the value under the pointer", async () => {
    const picture = makePicture(makeImage({ slope: 2, intercept: 1 }));
    await picture.open();
    expect(picture.valueAt(picture.panes[0] as never, { x: 1, y: 0 })).toBe(201);
    expect(picture.valueAt(picture.panes[0] as never, { x: 9, y: 0 })).toBeNull();
  });

  test("that is too short is refused", async () => {
    await expect(makePicture(makeImage({ Rows: 20 })).open()).rejects.toMatchObject({
      problem: "incomplete",
    });
  });

  test("says what is known of its scale and its sides", async () => {
    const picture = makePicture(makeImage({ spacing_kind: "none", spacing_mm: null }));
    expect(picture.linesOf()).toEqual(["image", "spacing-none", "no-orientation"]);
  });
});

describe("a series of films", () => {
  const films = [makeImage(), makeImage({ SOPInstanceUID: "1.2.4" })];

  test("goes from one to the next, and back without asking again", async () => {
    const picture = makePicture(...films);
    await picture.open();
    picture.goTo(picture.panes[0] as never, 1);
    await eventually(() => expect(host.shown).toHaveBeenCalledTimes(2));
    picture.goTo(picture.panes[0] as never, 0);
    await eventually(() => expect(host.shown).toHaveBeenCalledTimes(3));
    expect(asked()).toEqual(["1.2.3/frames/1", "1.2.4/frames/1"]);
  });

  test("draws nothing while the next film is on its way", async () => {
    const picture = makePicture(...films);
    await picture.open();
    picture.goTo(picture.panes[0] as never, 1);
    picture.draw();
    expect(renderer.drawFilm).not.toHaveBeenCalled();
  });

  test("without images says so", async () => {
    await expect(makePicture().open()).rejects.toMatchObject({ problem: "no-images" });
  });
});
