/** Without WebGL2: the server's rendered images one by one, without measuring. With documents: the document. */
import { isAbort } from "./problem";
import { request } from "./request";
import { frameUrl, type Scene, type SceneSeries } from "./scene";
import type { Texts } from "./texts";

/** Frames of a series as the last parts of their addresses. */
export function framesOf(series: SceneSeries): readonly string[] {
  if (series.volume) return series.volume.frames.filter((frame) => frame !== null);
  return (series.images ?? []).map(({ SOPInstanceUID, frame }) => `${SOPInstanceUID}/frames/${frame}`);
}

export class PlainView {
  readonly #leave = new AbortController();
  readonly #image = document.createElement("img");
  readonly #slider = document.createElement("input");
  readonly #caption = document.createElement("p");
  #turn = 0;

  constructor(
    readonly element: HTMLElement,
    readonly scene: Scene,
    readonly series: SceneSeries,
    readonly texts: Texts,
    readonly onError: (error: unknown) => void,
  ) {}

  async open(): Promise<void> {
    const frames = framesOf(this.series);
    const { patient, study } = this.scene;
    const identity = document.createElement("p");
    identity.textContent = [patient.name, patient.id, patient.birth_date, study.StudyDate]
      .filter(Boolean)
      .join(" · ");
    Object.assign(this.#slider, { type: "range", min: "1", max: String(frames.length) });
    this.#slider.value = String(Math.ceil(frames.length / 2));
    this.#slider.setAttribute("aria-label", this.texts("slice-slider"));
    this.#slider.addEventListener("input", () => void this.#turnTo(Number(this.#slider.value) - 1));
    this.element.replaceChildren(identity, this.#image, this.#caption, this.#slider);
    await this.#show(Number(this.#slider.value) - 1);
  }

  async #show(index: number): Promise<void> {
    const frames = framesOf(this.series);
    const turn = ++this.#turn;
    const url = `${frameUrl(this.scene, this.series, frames[index] ?? "")}/rendered`;
    const response = await request(url, { accept: "image/jpeg", signal: this.#leave.signal });
    const blob = await response.blob();
    if (turn !== this.#turn) return;
    URL.revokeObjectURL(this.#image.src);
    this.#image.src = URL.createObjectURL(blob);
    this.#image.alt = this.texts("image", { n: index + 1, total: frames.length });
    this.#caption.textContent = this.#image.alt;
  }

  async #turnTo(index: number): Promise<void> {
    try {
      await this.#show(index);
    } catch (error) {
      if (!isAbort(error)) this.onError(error);
    }
  }

  close(): void {
    this.#leave.abort();
    URL.revokeObjectURL(this.#image.src);
    this.element.replaceChildren();
  }
}

/** An encapsulated document (0042,0011), opened by the browser's own reader. */
export class DocumentView {
  readonly #leave = new AbortController();
  #url = "";

  constructor(
    readonly element: HTMLElement,
    readonly scene: Scene,
    readonly series: SceneSeries,
    readonly texts: Texts,
  ) {}

  async open(): Promise<void> {
    const instance = this.series.images?.[0]?.SOPInstanceUID ?? "";
    const url = frameUrl(this.scene, this.series, `${instance}/bulkdata/00420011`);
    const response = await request(url, { accept: "application/pdf", signal: this.#leave.signal });
    const bytes = await response.arrayBuffer();
    this.#url = URL.createObjectURL(new Blob([bytes], { type: "application/pdf" }));
    const link = document.createElement("a");
    link.href = this.#url;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = this.texts("open-document");
    this.element.replaceChildren(link);
  }

  close(): void {
    this.#leave.abort();
    URL.revokeObjectURL(this.#url);
    this.element.replaceChildren();
  }
}
