import { beforeEach, describe, expect, test, vi } from "vitest";
import { cornersOf, drawnMeasurements } from "./annotate";
import { Desk } from "./desk";
import { beginDraft } from "./draft";
import { Page } from "./page";
import type { Picture } from "./picture";
import { ViewerError } from "./problem";
import { makePane, makeScene, makeSeries } from "./testing";
import { bindToolbar, choosePreset, fitToolbar, resetSlab, showPresets } from "./toolbar";

const PAGE = `
  <canvas data-stage-canvas></canvas><template id="viewer-pane"></template><p data-live></p>
  <button data-tool="pan"></button><button data-tool="length"></button>
  <button data-action="invert"></button><button data-retry></button>
  <div role="tablist"><button data-plane-tab="axial"></button><button data-plane-tab="coronal"></button></div>
  <select data-preset></select>
  <select data-slab-mode data-needs="volume"><option value="max"></option><option value="mean"></option></select>
  <input type="range" data-slab-mm min="0" max="40" step="0.5" value="0"><output data-slab-shown></output>
  <input type="checkbox" data-letter-keys checked>
  <div data-error hidden><b data-error-title></b><i data-error-advice></i></div><progress data-progress></progress>
  <div data-stage data-layout="planes"></div>
  <template id="viewer-texts">
    <p data-text="born">born {date}</p><p data-text="window">Window {center} / {width}</p>
    <p data-text="problem-revoked">Withdrawn</p><p data-text="advice-revoked">Ask for a new link</p>
  </template>`;

const panes = [makePane("axial"), makePane("coronal")] as const;
const picture = {
  series: makeSeries({ SeriesDescription: "Both jaws" }),
  panes,
  presets: { bone: { center: 400, width: 800 }, teeth: { center: 900, width: 700 } },
  hasSlab: true,
  canWindow: true,
  linesOf: () => ["Slice 1"],
  valueAt: () => null,
  placeOf: () => "s/axial/1",
  calibrationOf: () => ({ kind: "calibrated", spacing: [1, 1] }),
} as unknown as Picture;

let desk: Desk;
let page: Page;
const actions = { act: vi.fn(), retry: vi.fn() };

beforeEach(() => {
  vi.clearAllMocks();
  const root = document.createElement("main");
  root.innerHTML = PAGE;
  page = new Page(root);
  desk = new Desk(page, makeScene([]), vi.fn(), vi.fn());
  desk.picture = picture;
  bindToolbar(desk, actions);
});

describe("the toolbar", () => {
  test("takes a tool and shows which one", () => {
    page.part("[data-tool=length]").click();
    expect(desk.tool).toBe("length");
    expect(page.part("[data-tool=length]").getAttribute("aria-pressed")).toBe("true");
    expect(page.part("[data-tool=pan]").getAttribute("aria-pressed")).toBe("false");
  });

  test("hands actions on by their name", () => {
    page.part("[data-action=invert]").click();
    page.part("[data-retry]").click();
    expect(actions.act).toHaveBeenCalledWith("invert");
    expect(actions.retry).toHaveBeenCalledOnce();
  });

  test("goes to a plane by its tab, and from tab to tab by arrows", () => {
    page.part("[data-plane-tab=coronal]").click();
    expect(desk.activePane?.name).toBe("coronal");
    const tab = page.part("[data-plane-tab=coronal]");
    tab.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    expect(desk.activePane?.name).toBe("axial");
    expect(page.part("[data-plane-tab=axial]").getAttribute("aria-selected")).toBe("true");
  });

  test("sets and resets the slab", () => {
    const thickness = page.part<HTMLInputElement>("[data-slab-mm]");
    thickness.value = "12.5";
    thickness.dispatchEvent(new Event("input"));
    expect(desk.display.slab.thicknessMm).toBe(12.5);
    expect(page.part<HTMLOutputElement>("[data-slab-shown]").value).toBe("12.5 mm");
    resetSlab(desk);
    expect(desk.display.slab.thicknessMm).toBe(0);
  });

  test("turns the keys of single letters off", () => {
    const box = page.part<HTMLInputElement>("[data-letter-keys]");
    box.checked = false;
    box.dispatchEvent(new Event("change"));
    expect(desk.hasLetterKeys).toBe(false);
  });

  test("hides what the picture cannot do", () => {
    fitToolbar(desk, { ...picture, hasSlab: false } as Picture);
    expect(page.part("[data-needs=volume]").hidden).toBe(true);
    fitToolbar(desk, picture);
    expect(page.part("[data-needs=volume]").hidden).toBe(false);
  });
});

describe("presets", () => {
  test("set the window, and are shown as chosen", () => {
    choosePreset(desk, "teeth");
    showPresets(desk, picture);
    expect(desk.display.window).toEqual({ center: 900, width: 700 });
    expect(page.part<HTMLSelectElement>("[data-preset]").value).toBe("teeth");
  });

  test("are left for a window of the reader's own", () => {
    desk.display.window = { center: 901, width: 700 };
    showPresets(desk, picture);
    expect(page.part<HTMLSelectElement>("[data-preset]").value).toBe("own");
  });
});

describe("what is written on a picture", () => {
  test("tells whose it is and when it was made", () => {
    const corners = cornersOf(desk, picture, panes[0]);
    expect(corners.patient).toEqual(["Doe, Jane", "P-1 · F", "born 1980-01-01"]);
    expect(corners.study).toEqual(["2026-10-02", "Both jaws"]);
  });

  test("tells the window in numbers that can be read", () => {
    desk.display.window = { center: 1015.26, width: 2763.31 };
    expect(cornersOf(desk, picture, panes[0]).window).toContain("Window 1015 / 2763");
  });

  test("shows a draft only where it is drawn", () => {
    desk.draft = beginDraft("length", panes[0], "s/axial/1", { x: 0, y: 0 });
    expect(drawnMeasurements(desk, picture, panes[0])).toHaveLength(1);
    expect(drawnMeasurements(desk, picture, panes[1])).toHaveLength(0);
  });
});

describe("the page", () => {
  test("says what went wrong and what to do", () => {
    page.showError(new ViewerError("revoked"));
    expect(page.part("[data-error-title]").textContent).toBe("Withdrawn");
    expect(page.part("[data-error-advice]").textContent).toBe("Ask for a new link");
    expect(page.root.dataset.state).toBe("error");
  });

  test("names the part that it lacks", () => {
    expect(() => page.part("[data-unknown]")).toThrow("the viewer's page lacks [data-unknown]");
  });

  test("sets a mark of time only once", () => {
    performance.clearMarks();
    page.setMark("viewer-planes");
    const first = performance.getEntriesByName("viewer-planes");
    page.setMark("viewer-planes");
    expect(first).toHaveLength(1);
    expect(performance.getEntriesByName("viewer-planes")).toEqual(first);
  });

  test("hides the progress when there is nothing left", () => {
    page.showProgress(3, 9);
    expect(page.part("[data-progress]").hidden).toBe(false);
    page.showProgress(9, 9);
    expect(page.part("[data-progress]").hidden).toBe(true);
  });
});
