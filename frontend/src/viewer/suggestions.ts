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
  /** Its place in the list, by which the two are matched. */
  readonly number: number;
  readonly text: string;
  readonly urgency: number;
}

/** Of the overlay's letters, rather too much than too little, in CSS pixels. */
const LETTER = 7;
const LINE = 14;

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
    const findings = this.#suggestions?.findings ?? [];
    return boxesOf(findings, uid).map(({ box, number, ...found }) => ({
      // The middle of the first pixel is the origin of a sheet, its edge lies half a pixel before.
      from: pane.toScreen({ x: box[0] - 0.5, y: box[1] - 0.5 }),
      to: pane.toScreen({ x: box[2] - 0.5, y: box[3] - 0.5 }),
      number,
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
      ...findings.map((found, index) => {
        const item = document.createElement("li");
        item.textContent = `${index + 1} ${textOf(found)}`;
        return item;
      }),
    );
  }
}

type WithBox = Suggestion & { readonly box: readonly [number, number, number, number] };

export function boxesOf(
  findings: readonly Suggestion[],
  uid: string,
): readonly (WithBox & { readonly number: number })[] {
  return findings
    .map((found, index) => ({ ...found, number: index + 1 }))
    .filter(
      (found): found is WithBox & { number: number } => found.SOPInstanceUID === uid && found.box !== null,
    );
}

/** Where a label is written: above its box, or below the edge of the pane. */
export function labelSpot({ from }: DrawnSuggestion): Point {
  return { x: from.x, y: Math.max(from.y - 5, LINE) };
}

/** The labels of boxes: number and words where they hide no other label, else the number alone. */
export function labelsOf(drawn: readonly DrawnSuggestion[], width: number): readonly string[] {
  const spots = drawn.map(labelSpot);
  const labels = drawn.map(({ number }) => String(number));
  drawn.forEach(({ number, text }, index) => {
    const whole = `${number} ${text}`;
    const { x, y } = spots[index] as Point;
    const end = x + whole.length * LETTER;
    const hides = spots.some((other, place) => {
      const otherEnd = other.x + (labels[place] as string).length * LETTER;
      return place !== index && Math.abs(other.y - y) < LINE && other.x < end && otherEnd > x;
    });
    if (end <= width && !hides) labels[index] = whole;
  });
  return labels;
}

export function textOf({ title, teeth, score }: Pick<Suggestion, "title" | "teeth" | "score">): string {
  return [title, teeth.replace("-", "–"), `${Math.round(score * 100)} %`].filter(Boolean).join(" · ");
}
