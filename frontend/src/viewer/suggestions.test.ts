import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Page } from "./page";
import type { Pane } from "./pane";
import type { Picture } from "./picture";
import {
  boxesOf,
  type DrawnSuggestion,
  labelsOf,
  type Suggestion,
  SuggestionLayer,
  textOf,
} from "./suggestions";

const LABEL = "AI-Assisted Preliminary Findings";

function makeSuggestion(changes: Partial<Suggestion> = {}): Suggestion {
  return {
    title: "Filling",
    score: 0.914,
    teeth: "",
    urgency: 0,
    SOPInstanceUID: "1.2.3",
    SeriesInstanceUID: "1.2",
    box: [10, 20, 30, 40],
    slices: null,
    ...changes,
  };
}

function makePage(): Page {
  document.body.innerHTML = `
    <button data-action="suggestions" aria-pressed="false" hidden></button>
    <section data-suggestions hidden>
      <h2 data-suggestions-label></h2><p data-suggestions-notice></p><ol data-suggestions-list></ol>
    </section>`;
  return {
    part: (selector: string) => document.querySelector(selector),
    all: (selector: string) => [...document.querySelectorAll(selector)],
    texts: (name: string) => name,
    announce: vi.fn(),
  } as unknown as Page;
}

const pane = { toScreen: ({ x, y }: { x: number; y: number }) => ({ x: 2 * x, y: 2 * y }) } as Pane;
const picture = { instanceOf: () => "1.2.3" } as Picture;

function answerWith(findings: readonly Suggestion[]): void {
  const body = JSON.stringify({ label: LABEL, notice: "Research preview", findings });
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body, { status: 200 })));
}

async function makeLayer(findings: readonly Suggestion[]): Promise<SuggestionLayer> {
  answerWith(findings);
  const layer = new SuggestionLayer(makePage(), vi.fn());
  await layer.load("/studies/1/analysis/overlay", new AbortController().signal);
  return layer;
}

const button = () => document.querySelector("button") as HTMLButtonElement;

beforeEach(() => {
  document.body.replaceChildren();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it("shows nothing before the reader asks", async () => {
  const layer = await makeLayer([makeSuggestion()]);
  expect(layer.drawn(picture, pane)).toEqual([]);
  expect(layer.label).toBe("");
  expect(button().hidden).toBe(false);
});

it("draws the boxes of the image under the words that are required", async () => {
  const layer = await makeLayer([makeSuggestion({ SOPInstanceUID: "9.9" }), makeSuggestion()]);
  layer.toggle();
  expect(layer.drawn(picture, pane)).toEqual([
    { from: { x: 19, y: 39 }, to: { x: 59, y: 79 }, number: 2, text: "Filling · 91 %", urgency: 0 },
  ]);
  expect(document.querySelector("li:last-child")?.textContent).toBe("2 Filling · 91 %");
  expect(layer.label).toBe(LABEL);
  expect(document.querySelector("[data-suggestions]")?.textContent).toContain(LABEL);
  expect(button().getAttribute("aria-pressed")).toBe("true");
});

it("takes them away again", async () => {
  const layer = await makeLayer([makeSuggestion()]);
  layer.toggle();
  layer.toggle();
  expect(layer.drawn(picture, pane)).toEqual([]);
  expect((document.querySelector("[data-suggestions]") as HTMLElement).hidden).toBe(true);
});

it("offers no control where nothing was found", async () => {
  const layer = await makeLayer([]);
  layer.toggle();
  expect(button().hidden).toBe(true);
  expect(layer.label).toBe("");
});

it("asks for nothing without an address", async () => {
  const asked = vi.fn();
  vi.stubGlobal("fetch", asked);
  await new SuggestionLayer(makePage(), vi.fn()).load(null, new AbortController().signal);
  expect(asked).not.toHaveBeenCalled();
});

it("leaves out findings of the whole image", () => {
  expect(boxesOf([makeSuggestion({ box: null })], "1.2.3")).toEqual([]);
});

it("writes a range of teeth as people do", () => {
  expect(textOf(makeSuggestion({ teeth: "18-14" }))).toBe("Filling · 18–14 · 91 %");
});

function drawnAt(number: number, x: number, y = 100): DrawnSuggestion {
  return { from: { x, y }, to: { x: x + 20, y: y + 40 }, number, text: "Filling · 91 %", urgency: 0 };
}

it("writes a box's words where there is room", () => {
  expect(labelsOf([drawnAt(1, 10), drawnAt(2, 200), drawnAt(3, 10, 160)], 390)).toEqual([
    "1 Filling · 91 %",
    "2 Filling · 91 %",
    "3 Filling · 91 %",
  ]);
});

it("leaves the number alone where words would hide another label or leave the pane", () => {
  expect(labelsOf([drawnAt(1, 10), drawnAt(2, 30), drawnAt(3, 50, 108)], 390)).toEqual([
    "1",
    "2",
    "3 Filling · 91 %",
  ]);
  expect(labelsOf([drawnAt(7, 330)], 390)).toEqual(["7"]);
});
