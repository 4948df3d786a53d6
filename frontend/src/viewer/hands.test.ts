import { beforeEach, describe, expect, test, vi } from "vitest";
import { Desk } from "./desk";
import { Hands } from "./hands";
import { Page } from "./page";
import type { Picture } from "./picture";
import { makePane, makeScene, makeSeries } from "./testing";

const pane = makePane();
/** 40 by 30 pixels of 0.5 mm in a pane of 400 by 300: shown at 9.6 CSS pixels each. */
pane.sheet = { width: 40, height: 30, spacing: [0.5, 0.5] };

function makePicture(): Picture {
  let index = 5;
  return {
    series: makeSeries(),
    panes: [pane],
    range: [0, 4000],
    presets: { bone: { center: 100, width: 200 } },
    hasSlab: true,
    canWindow: true,
    bytesOfFullDetail: 0,
    open: async () => undefined,
    close: () => undefined,
    draw: () => undefined,
    countOf: () => 10,
    indexOf: () => index,
    goTo: vi.fn((_pane, wanted: number) => {
      index = wanted;
    }),
    pointAt: vi.fn(),
    crosshairOf: () => ({
      at: { x: 7, y: 8 },
      horizontal: "coronal",
      vertical: "sagittal",
      slabSpacing: { x: 1, y: 1 },
    }),
    lettersOf: () => null,
    calibrationOf: () => ({ kind: "calibrated", spacing: [0.5, 0.5] }),
    placeOf: () => `series/axial/${index}`,
    showPlace: () => true,
    titleOf: () => "",
    linesOf: () => [],
    valueAt: () => null,
  };
}

let desk: Desk;
let hands: Hands;
let picture: Picture;

beforeEach(() => {
  const root = document.createElement("main");
  root.innerHTML = `<canvas data-stage-canvas></canvas><template id="viewer-pane"></template><p data-live></p>
    <template id="viewer-texts"><p data-text="result-length">Length</p><p data-text="result-angle">Angle</p></template>`;
  desk = new Desk(new Page(root), makeScene([]), vi.fn(), vi.fn());
  picture = makePicture();
  desk.picture = picture;
  hands = new Hands(desk, vi.fn(), vi.fn());
  pane.resetView();
});

describe("measuring with a pointer", () => {
  test("a drag makes a length in millimetres", () => {
    desk.tool = "length";
    hands.measureDown(pane, { x: 100, y: 150 });
    hands.measureMove(pane, { x: 150, y: 150 });
    hands.measureUp(pane, { x: 196, y: 150 });
    expect(desk.measurements.all).toHaveLength(1);
    expect(desk.page.part("[data-live]").textContent).toBe("Length: 5.0 mm");
  });

  test("two clicks make a length", () => {
    desk.tool = "length";
    hands.measureDown(pane, { x: 100, y: 150 });
    hands.measureUp(pane, { x: 101, y: 150 });
    expect(desk.measurements.all).toHaveLength(0);
    hands.measureDown(pane, { x: 196, y: 150 });
    hands.measureUp(pane, { x: 196, y: 150 });
    expect(desk.measurements.all).toHaveLength(1);
  });

  test("three clicks make an angle", () => {
    desk.tool = "angle";
    hands.measureDown(pane, { x: 100, y: 50 });
    hands.measureUp(pane, { x: 100, y: 50 });
    hands.measureUp(pane, { x: 100, y: 150 });
    hands.measureUp(pane, { x: 200, y: 150 });
    expect(desk.page.part("[data-live]").textContent).toBe("Angle: 90.0°");
  });

  test("a draft is given up when the slice changes under it", () => {
    desk.tool = "length";
    hands.measureDown(pane, { x: 100, y: 150 });
    hands.scroll(pane, 1);
    hands.measureUp(pane, { x: 196, y: 150 });
    expect(desk.measurements.all).toHaveLength(0);
  });

  test("a handle carries its point along", () => {
    desk.tool = "length";
    hands.measureDown(pane, { x: 100, y: 150 });
    hands.measureUp(pane, { x: 196, y: 150 });
    hands.moveHandle(pane, 1, 1, { x: 148, y: 150 });
    expect(desk.measurements.all[0]?.points[1]?.x).toBeCloseTo(14.08);
  });
});

describe("measuring with keys", () => {
  test("enter, arrows and enter make a length", () => {
    desk.tool = "length";
    hands.placePoint(pane);
    hands.placePoint(pane);
    hands.moveCursor(pane, { x: 96, y: 0 });
    hands.placePoint(pane);
    expect(desk.page.part("[data-live]").textContent).toBe("Length: 5.0 mm");
  });

  test("the cursor stays in the pane", () => {
    desk.tool = "length";
    hands.moveCursor(pane, { x: -9999, y: 9999 });
    expect(pane.cursor).toEqual({ x: 0, y: 300 });
  });

  test("a handle is moved by pixels of the screen", () => {
    desk.tool = "length";
    hands.measureDown(pane, { x: 100, y: 150 });
    hands.measureUp(pane, { x: 196, y: 150 });
    hands.nudgeHandle(pane, "1:1", { x: 96, y: 0 });
    expect(desk.page.part("[data-live]").textContent).toBe("Length: 10.0 mm");
  });

  test("enter does nothing with another tool", () => {
    desk.tool = "pan";
    hands.placePoint(pane);
    expect(desk.draft).toBeNull();
  });
});

describe("moving through the picture", () => {
  test("turns slices from where it is", () => {
    hands.scroll(pane, 3);
    expect(picture.goTo).toHaveBeenCalledWith(pane, 8);
  });

  test("goes to either end", () => {
    hands.goToEnd(pane, "last");
    expect(picture.goTo).toHaveBeenCalledWith(pane, 9);
  });

  test("moves the crosshair by whole pixels", () => {
    hands.nudgeCrosshair(pane, { x: -1, y: 0 });
    expect(picture.pointAt).toHaveBeenCalledWith(pane, { x: 6, y: 8 });
  });

  test("drags a line only across itself", () => {
    hands.dragLine(pane, "vertical", { x: 200, y: 20 });
    expect(picture.pointAt).toHaveBeenCalledWith(pane, { x: 19.5, y: 8 });
  });

  test("leaves the window of a colour picture alone", () => {
    const before = desk.display.window;
    desk.picture = { ...picture, canWindow: false };
    hands.changeWindow(10, 10);
    expect(desk.display.window).toBe(before);
  });
});
