import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { eventually } from "../testing/eventually";
import type { PictureHost } from "./picture";
import { sendEarly } from "./reduced";
import type { Renderer } from "./renderer";
import type { SceneHalf, ScenePreview, SceneVolume } from "./scene";
import { makeScene, makeSeries, makeTemplate, makeVolume } from "./testing";
import { VolumePicture } from "./volume-picture";

const DESKTOP = { longestSide: 1440, memoryGb: 8, largestTexture: 2048, savesData: false };
const PHONE = { longestSide: 844, memoryGb: 8, largestTexture: 2048, savesData: false };
const PREVIEW: ScenePreview = { url: "/preview", columns: 2, rows: 2, slices: 2, low: 0, high: 1000 };
const HALF: SceneHalf = { url: "/half", columns: 1, rows: 1, slices: 4 };
const FRAMES = Array.from({ length: 6 }, (_, index) => `1.2.${index}/frames/1`);
const SMALL = { columns: 2, rows: 2, slices: 6, frames: FRAMES, preview: PREVIEW } as const;

const fetched = vi.fn<typeof fetch>();
let host: PictureHost;
let renderer: Record<
  "setVolume" | "makeRoom" | "refreshReduced" | "setSlice" | "clear" | "drawPlane",
  ReturnType<typeof vi.fn>
>;
let statuses: Map<string, number>;

function serve(url: string): Response {
  const status = statuses.get(url) ?? 200;
  return new Response(new Uint8Array(8), { status });
}

function makePicture(changes: Partial<SceneVolume> = {}, machine = DESKTOP): VolumePicture {
  const series = makeSeries({ volume: makeVolume({ ...SMALL, ...changes }) });
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
  return new VolumePicture(
    series,
    host,
    renderer as unknown as Renderer,
    machine,
    "/scene",
    makeTemplate(),
    null,
  );
}

/** Answer the preview, and nothing else any more. */
function holdSlices(): void {
  fetched.mockImplementation((url) =>
    String(url) === "/preview" ? Promise.resolve(serve("/preview")) : new Promise(() => undefined),
  );
}

function asked(): string[] {
  return fetched.mock.calls.map(([url]) => String(url).split("/instances/").at(-1) ?? "");
}

beforeEach(() => {
  statuses = new Map();
  fetched.mockReset();
  fetched.mockImplementation(async (url) => serve(String(url)));
  vi.stubGlobal("fetch", fetched);
  renderer = {
    setVolume: vi.fn(),
    makeRoom: vi.fn(),
    refreshReduced: vi.fn(),
    setSlice: vi.fn(),
    clear: vi.fn(),
    drawPlane: vi.fn(),
  };
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("loading a volume", () => {
  test("shows the preview before it asks for any slice", async () => {
    await makePicture().open();
    expect(asked()[0]).toBe("/preview");
    expect(host.shown).toHaveBeenNthCalledWith(1, "preview");
    expect(renderer.refreshReduced).toHaveBeenCalledOnce();
    expect(renderer.makeRoom).not.toHaveBeenCalled();
  });

  test("makes room for all slices after the first look, at the latest before it calls them drawn", async () => {
    await makePicture().open();
    await eventually(() => expect(host.shown).toHaveBeenLastCalledWith("full"));
    expect(renderer.makeRoom).toHaveBeenCalledOnce();
    const [room = 0] = renderer.makeRoom.mock.invocationCallOrder;
    expect(room).toBeLessThan(vi.mocked(host.shown).mock.invocationCallOrder.at(-1) ?? 0);
  });

  test("makes room while slices are still on their way", async () => {
    holdSlices();
    await makePicture().open();
    await eventually(() => expect(renderer.makeRoom).toHaveBeenCalledOnce());
    expect(host.shown).toHaveBeenCalledExactlyOnceWith("preview");
  });

  test("goes on with the slices in view where the device has no room for all", async () => {
    renderer.makeRoom.mockImplementationOnce(() => {
      (renderer.setVolume.mock.calls[0]?.[0] as { detail: string }).detail = "near";
    });
    const picture = makePicture({ slices: 30, frames: Array.from({ length: 30 }, (_, k) => `1.3.${k}`) });
    holdSlices();
    await picture.open();
    await eventually(() => expect(renderer.makeRoom).toHaveBeenCalledOnce());
    const slices = () => asked().filter((url) => url.startsWith("1.3."));
    // Six at once before, two at once now.
    await eventually(() => expect(slices()).toHaveLength(8));
  });

  test("draws one pixel while there is nothing to see", async () => {
    const picture = makePicture();
    for (const pane of picture.panes) Object.defineProperty(pane, "isVisible", { value: true });
    picture.draw();
    expect(renderer.drawPlane.mock.calls.map(([rect]) => [rect.width, rect.height])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    await picture.open();
    renderer.drawPlane.mockClear();
    picture.draw();
    expect(renderer.drawPlane.mock.calls.map(([rect]) => rect)).toEqual(
      picture.panes.map((pane) => pane.rect),
    );
  });

  test("of a desktop leaves half the resolution out", async () => {
    await makePicture({ half: HALF }).open();
    await eventually(() => expect(host.shown).toHaveBeenLastCalledWith("full"));
    expect(asked()).not.toContain("/half");
  });

  test("goes on with the slice in the middle and is full with the last one", async () => {
    await makePicture().open();
    await eventually(() => expect(host.shown).toHaveBeenLastCalledWith("full"));
    expect(asked().slice(1, 3)).toEqual(["1.2.3/frames/1", "1.2.2/frames/1"]);
    expect(renderer.setSlice).toHaveBeenCalledTimes(6);
    expect(host.progress).toHaveBeenLastCalledWith(6, 6);
  });

  test("is full without the slices that do not exist", async () => {
    await makePicture({ frames: [...FRAMES.slice(0, 5), null] }).open();
    await eventually(() => expect(host.shown).toHaveBeenLastCalledWith("full"));
    expect(renderer.setSlice).toHaveBeenCalledTimes(5);
  });

  test("does without a preview that cannot be read", async () => {
    statuses.set("/preview", 404);
    await makePicture().open();
    await eventually(() => expect(host.shown).toHaveBeenCalledExactlyOnceWith("full"));
  });

  test("stops where the link has been withdrawn", async () => {
    statuses.set("/preview", 410);
    await expect(makePicture().open()).rejects.toMatchObject({ problem: "revoked" });
    expect(asked()).toHaveLength(1);
  });

  test("refuses a preview of the wrong size, and a frame that is too short", async () => {
    await makePicture({ columns: 20, preview: { ...PREVIEW, columns: 5 } }).open();
    await eventually(() =>
      expect(host.failed).toHaveBeenCalledWith(expect.objectContaining({ problem: "incomplete" })),
    );
    expect(host.shown).not.toHaveBeenCalled();
  });

  test("takes the preview that was asked for early", async () => {
    const early = sendEarly(PREVIEW);
    const series = makeSeries({ volume: makeVolume(SMALL) });
    makePicture();
    const picture = new VolumePicture(
      series,
      host,
      renderer as unknown as Renderer,
      DESKTOP,
      "/scene",
      makeTemplate(),
      early,
    );
    await picture.open();
    expect(asked().filter((url) => url === "/preview")).toHaveLength(1);
  });
});

describe("on a phone", () => {
  test("only the slice in view and its neighbours are loaded", async () => {
    await makePicture({}, PHONE).open();
    await eventually(() => expect(asked()).toHaveLength(6));
    expect(host.shown).toHaveBeenLastCalledWith("full");
    expect(renderer.setSlice).toHaveBeenCalledTimes(1);
  });

  test("the whole volume comes when the reader asks for it", async () => {
    const picture = makePicture({}, PHONE);
    await picture.open();
    expect(picture.bytesOfFullDetail).toBe(48);
    picture.loadFullDetail();
    await eventually(() => expect(host.progress).toHaveBeenLastCalledWith(6, 6));
    expect(picture.bytesOfFullDetail).toBe(0);
  });

  test("half the resolution follows the slice in view", async () => {
    const picture = makePicture({ half: HALF }, PHONE);
    await picture.open();
    await eventually(() => expect(renderer.refreshReduced).toHaveBeenCalledTimes(2));
    expect(asked().indexOf("/half")).toBeGreaterThan(asked().indexOf("1.2.3/frames/1"));
    expect(asked().filter((url) => url === "/half")).toHaveLength(1);
    expect(picture.linesOf(picture.panes[1] as never).at(-1)).toBe("half-detail");
  });

  test("half the resolution is not loaded where data is to be saved", async () => {
    await makePicture({ half: HALF }, { ...PHONE, savesData: true }).open();
    await eventually(() => expect(asked()).toHaveLength(6));
    expect(asked()).not.toContain("/half");
  });

  test.each([
    [404, 0],
    [410, 1],
  ])("a half volume that is answered with %i fails the study %i times", async (status, failures) => {
    statuses.set("/half", status);
    await makePicture({ half: HALF }, PHONE).open();
    await eventually(() => expect(asked()).toContain("/half"));
    await eventually(() => expect(host.failed).toHaveBeenCalledTimes(failures));
    expect(renderer.refreshReduced).toHaveBeenCalledTimes(1);
  });

  test("planes across the slices say that they show less", async () => {
    const picture = makePicture({}, PHONE);
    await picture.open();
    await eventually(() => expect(asked()).toHaveLength(6));
    const [axial, coronal] = picture.panes.map((pane) => picture.linesOf(pane).at(-1));
    expect(axial).toBe("");
    expect(coronal).toBe("reduced-detail");
  });
});

describe("three linked planes", () => {
  test("meet in the middle", () => {
    const picture = makePicture();
    expect(picture.panes.map((pane) => [pane.name, picture.indexOf(pane)])).toEqual([
      ["axial", 3],
      ["coronal", 1],
      ["sagittal", 1],
    ]);
  });

  test("follow the point that is chosen in one of them", () => {
    const picture = makePicture();
    const [axial, coronal, sagittal] = picture.panes;
    picture.pointAt(coronal as never, { x: 0, y: 0 });
    expect(picture.indexOf(axial as never)).toBe(5);
    expect(picture.indexOf(sagittal as never)).toBe(0);
    expect(picture.indexOf(coronal as never)).toBe(1);
  });

  test("stay inside the volume", () => {
    const picture = makePicture();
    const axial = picture.panes[0] as never;
    picture.goTo(axial, 99);
    expect(picture.indexOf(axial)).toBe(5);
  });

  test("find the place of a measurement again", () => {
    const picture = makePicture();
    const axial = picture.panes[0] as never;
    picture.goTo(axial, 4);
    const place = picture.placeOf(axial);
    picture.goTo(axial, 0);
    expect(picture.showPlace(place)).toBe(true);
    expect(picture.indexOf(axial)).toBe(4);
    expect(picture.showPlace("other/axial/4")).toBe(false);
  });

  test("name a slice that is missing", () => {
    const picture = makePicture({ frames: [...FRAMES.slice(0, 3), null, ...FRAMES.slice(4)] });
    expect(picture.linesOf(picture.panes[0] as never)).toContain("missing-slice");
  });

  test("measure in millimetres only where the volume is calibrated", () => {
    const picture = makePicture({ is_calibrated: false });
    expect(picture.calibrationOf(picture.panes[0] as never).kind).toBe("none");
    expect(picture.linesOf(picture.panes[0] as never)[1]).toBe("no-orientation");
  });

  test("name no side where slices are only stacked by their number", () => {
    const [known, guessed] = [makePicture(), makePicture({ is_calibrated: false })];
    expect(known.lettersOf(known.panes[0] as never)).toMatchObject({ left: "R", right: "L" });
    expect(guessed.panes.map((pane) => guessed.lettersOf(pane))).toEqual([null, null, null]);
  });
});
