/** The strip of series with their thumbnails (PS3.18 10.4.1.1.4), fetched once the picture itself is there. */
import { request } from "./request";
import { type Scene, type SceneSeries, seriesUrl } from "./scene";
import type { Texts } from "./texts";

export class Strip {
  readonly #list: HTMLElement;
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #leave = new AbortController();

  constructor(list: HTMLElement, scene: Scene, texts: Texts, choose: (series: SceneSeries) => void) {
    this.#list = list;
    for (const series of scene.series) this.#list.append(this.#makeItem(series, texts, choose));
  }

  #makeItem(series: SceneSeries, texts: Texts, choose: (series: SceneSeries) => void): HTMLElement {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.series = series.id;
    const picture = document.createElement("span");
    picture.className = "thumb";
    picture.textContent = series.Modality;
    const title = document.createElement("span");
    title.className = "series-title";
    title.textContent = series.SeriesDescription || texts(`kind-${series.kind}`);
    const detail = document.createElement("span");
    detail.className = "series-detail";
    detail.textContent = `${series.Modality} · ${countText(series, texts)}`;
    button.append(picture, title, detail);
    button.addEventListener("click", () => choose(series));
    this.#buttons.set(series.id, button);
    const item = document.createElement("li");
    item.append(button);
    return item;
  }

  select(series: SceneSeries): void {
    for (const [id, button] of this.#buttons) button.setAttribute("aria-current", String(id === series.id));
  }

  async loadThumbnails(scene: Scene): Promise<void> {
    for (const series of scene.series) {
      if (series.kind === "volume" || series.kind === "images") await this.#loadThumbnail(scene, series);
    }
  }

  /** A series without a thumbnail keeps the letters of its modality. */
  async #loadThumbnail(scene: Scene, series: SceneSeries): Promise<void> {
    const options = { accept: "image/jpeg", signal: this.#leave.signal, priority: "low" } as const;
    const blob = await request(`${seriesUrl(scene, series)}/thumbnail`, options).then(
      (response) => response.blob(),
      () => null,
    );
    const place = this.#buttons.get(series.id)?.querySelector(".thumb");
    if (!blob?.type.startsWith("image/") || !place) return;
    const image = document.createElement("img");
    image.alt = "";
    image.src = URL.createObjectURL(blob);
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    place.replaceChildren(image);
  }

  stop(): void {
    this.#leave.abort();
  }
}

function countText(series: SceneSeries, texts: Texts): string {
  if (series.volume) return texts("slices", { n: series.volume.slices });
  if (series.kind !== "images") return texts(`kind-${series.kind}`);
  return texts("images", { n: series.images?.length ?? 0 });
}
