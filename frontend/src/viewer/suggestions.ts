/** What networks found: boxes over the image and a list beside it, shown only while the reader asks for them. */
import type { Page } from "./page";
import type { Pane } from "./pane";
import type { Picture } from "./picture";
import { request } from "./request";
import type { Point } from "./sheet";

export interface Suggestion {
  readonly title: string;
  readonly score: number;
  /** FDI number or range; empty where nothing tells it. */
  readonly teeth: string;
  readonly urgency: number;
  /** null: of a volume. */
  readonly SOPInstanceUID: string | null;
  readonly SeriesInstanceUID: string;
  /** Left, top, right, bottom in pixels of the image, edges counted from 0. */
  readonly box: readonly [number, number, number, number] | null;
  readonly slices: readonly [number, number] | null;
}

/** The answer of the server; `label` are the only words under which findings are shown. */
export interface Suggestions {
  readonly label: string;
  readonly notice: string;
  readonly findings: readonly Suggestion[];
}

export interface DrawnSuggestion {
  readonly from: Point;
  readonly to: Point;
  readonly text: string;
  readonly urgency: number;
}

export class SuggestionLayer {
  #suggestions: Suggestions | null = null;
  #isOn = false;

  constructor(
    readonly page: Page,
    readonly redraw: () => void,
  ) {}

  get label(): string {
    return this.#isOn ? (this.#suggestions?.label ?? "") : "";
  }

  /** Fetch what was found; the control appears when there is something. A reader without it loses nothing. */
  async load(url: string | null, signal: AbortSignal): Promise<void> {
    if (!url) return;
    const response = await request(url, { accept: "application/json", signal }).catch(() => null);
    if (!response) return;
    this.#suggestions = (await response.json()) as Suggestions;
    for (const button of this.#buttons) button.hidden = this.#suggestions.findings.length === 0;
    this.#list();
  }

  toggle(): void {
    if (!this.#suggestions?.findings.length) return;
    this.#isOn = !this.#isOn;
    for (const button of this.#buttons) button.setAttribute("aria-pressed", String(this.#isOn));
    this.page.part("[data-suggestions]").hidden = !this.#isOn;
    this.page.announce(this.#isOn ? this.#suggestions.label : this.page.texts("suggestions-off"));
    this.redraw();
  }

  /** The boxes of the image in a pane, on the screen. */
  drawn(picture: Picture, pane: Pane): readonly DrawnSuggestion[] {
    const uid = picture.instanceOf?.() ?? null;
    if (!this.#isOn || !uid) return [];
    return boxesOf(this.#suggestions?.findings ?? [], uid).map(({ box, ...found }) => ({
      // The middle of the first pixel is the origin of a sheet, its edge lies half a pixel before.
      from: pane.toScreen({ x: box[0] - 0.5, y: box[1] - 0.5 }),
      to: pane.toScreen({ x: box[2] - 0.5, y: box[3] - 0.5 }),
      text: textOf(found),
      urgency: found.urgency,
    }));
  }

  get #buttons(): readonly HTMLElement[] {
    return this.page.all("[data-action=suggestions]");
  }

  #list(): void {
    const { label = "", notice = "", findings = [] } = this.#suggestions ?? {};
    this.page.part("[data-suggestions-label]").textContent = label;
    this.page.part("[data-suggestions-notice]").textContent = notice;
    this.page.part("[data-suggestions-list]").replaceChildren(
      ...findings.map((found) => {
        const item = document.createElement("li");
        item.textContent = textOf(found);
        return item;
      }),
    );
  }
}

type WithBox = Suggestion & { readonly box: readonly [number, number, number, number] };

export function boxesOf(findings: readonly Suggestion[], uid: string): readonly WithBox[] {
  return findings.filter((found): found is WithBox => found.SOPInstanceUID === uid && found.box !== null);
}

export function textOf({ title, teeth, score }: Pick<Suggestion, "title" | "teeth" | "score">): string {
  return [title, teeth.replace("-", "–"), `${Math.round(score * 100)} %`].filter(Boolean).join(" · ");
}
