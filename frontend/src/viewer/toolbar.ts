/** The controls around the picture, found by their `data-` attributes; the help dialog names their keys. */
import type { Desk } from "./desk";
import type { Page } from "./page";
import type { Picture } from "./picture";
import type { SlabMode } from "./shot";
import type { ToolName } from "./tools";
import { windowOf } from "./window";

export interface ToolbarActions {
  act(action: string): void;
  retry(): void;
}

export function bindToolbar(desk: Desk, actions: ToolbarActions): void {
  const { page } = desk;
  onEach(page, "[data-tool]", "click", (element) => desk.setTool(element.dataset.tool as ToolName));
  onEach(page, "[data-action]", "click", (element) => actions.act(element.dataset.action ?? ""));
  onEach(page, "[data-plane-tab]", "click", (element) =>
    activateByName(desk, element.dataset.planeTab ?? ""),
  );
  onEach(page, "[data-retry]", "click", () => actions.retry());
  bindTabArrows(page);
  const preset = page.part<HTMLSelectElement>("[data-preset]");
  preset.addEventListener("change", () => choosePreset(desk, preset.value));
  bindSlab(desk);
  const letters = page.part<HTMLInputElement>("[data-letter-keys]");
  letters.addEventListener("change", () => {
    desk.hasLetterKeys = letters.checked;
  });
}

function onEach(page: Page, selector: string, event: string, act: (element: HTMLElement) => void): void {
  for (const element of page.all(selector)) element.addEventListener(event, () => act(element));
}

function activateByName(desk: Desk, name: string): void {
  const pane = desk.picture?.panes.find((candidate) => candidate.name === name);
  if (pane) desk.activate(pane);
}

/** Tabs are one stop for the Tab key; arrows go from one to the next (ARIA tabs pattern). */
function bindTabArrows(page: Page): void {
  const tabs = page.all("[data-plane-tab]");
  tabs.forEach((tab, index) => {
    tab.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      if (step === 0 || !next) return;
      next.click();
      next.focus();
    });
  });
}

function bindSlab(desk: Desk): void {
  const { page } = desk;
  const mode = page.part<HTMLSelectElement>("[data-slab-mode]");
  const thickness = page.part<HTMLInputElement>("[data-slab-mm]");
  const shown = page.part<HTMLOutputElement>("[data-slab-shown]");
  const update = () => {
    const thicknessMm = Number(thickness.value);
    desk.display.slab = { mode: mode.value as SlabMode, thicknessMm };
    shown.value = thicknessMm > 0 ? `${thicknessMm.toFixed(1)} mm` : page.texts("slab-off");
    desk.redraw();
  };
  mode.addEventListener("change", update);
  thickness.addEventListener("input", update);
}

export function resetSlab({ page, display }: Desk): void {
  page.part<HTMLInputElement>("[data-slab-mm]").value = "0";
  page.part<HTMLOutputElement>("[data-slab-shown]").value = page.texts("slab-off");
  display.slab = { ...display.slab, thicknessMm: 0 };
}

export function choosePreset(desk: Desk, name: string): void {
  const window = desk.picture?.presets[name];
  if (!window) return;
  desk.display.window = window;
  desk.redraw();
}

/** The presets of the picture, and "own" while the reader's window is none of them. */
export function showPresets({ page, display }: Desk, picture: Picture): void {
  const select = page.part<HTMLSelectElement>("[data-preset]");
  const names = Object.keys(picture.presets);
  const signature = [picture.series.id, ...names].join();
  if (select.dataset.signature !== signature) {
    select.dataset.signature = signature;
    select.replaceChildren(
      ...[...names, "own"].map((name) => makeOption(name, page.texts(`preset-${name}`))),
    );
  }
  const { center, width } = display.window;
  const current = names.find((name) => {
    const preset = picture.presets[name] ?? windowOf(0, 0);
    return preset.center === center && preset.width === width;
  });
  select.value = current ?? "own";
  select.disabled = !picture.canWindow;
}

/** Show only the controls that the picture can answer. */
export function fitToolbar({ page }: Desk, picture: Picture | null): void {
  page.root.dataset.picture = picture ? (picture.hasSlab ? "volume" : "film") : "plain";
  for (const element of page.all("[data-needs]")) {
    const needs = element.dataset.needs;
    element.hidden = !picture || (needs === "volume" && !picture.hasSlab);
  }
}

function makeOption(value: string, text: string): HTMLOptionElement {
  const option = document.createElement("option");
  option.value = value;
  option.textContent = text;
  return option;
}
