import cytoscape, { type Core } from "cytoscape";
import { csrfToken } from "../elements/upload/send";
import { elementsOf, type FlowMapData, loosePlaces, type Palette, ratioOf, styleOf } from "./drawing";

const SAVE_AFTER_MS = 600;
const FIT_PADDING = 24;
const ZOOM_STEP = 1.25;

/**
 * Draws the map of data flows over the drawing of the server, which stays for paper and where this fails.
 *
 * ```html
 * <flow-map data-src="/compliance/flows/map.json" data-places="/compliance/flows/places"
 *   data-saved="…" data-failed="…" data-zoom-in="…" data-zoom-out="…" data-fit="…">
 *   <div><img src="/compliance/flows/map.svg" alt="…"></div>
 * </flow-map>
 * ```
 *
 * Without `data-places` nothing can be moved. Places are kept a moment after the last one was moved.
 */
export class FlowMap extends HTMLElement {
  private map: Core | null = null;
  private moved = new Map<string, [number, number]>();
  private timer = 0;
  private readonly themes = new MutationObserver(() => this.paint());
  private readonly system = matchMedia("(prefers-color-scheme: dark)");
  private readonly repaint = (): void => this.paint();
  private readonly sizes = new ResizeObserver(() => this.refit());
  private data: FlowMapData | null = null;

  connectedCallback(): void {
    void this.open();
  }

  disconnectedCallback(): void {
    this.themes.disconnect();
    this.sizes.disconnect();
    this.system.removeEventListener("change", this.repaint);
    this.map?.destroy();
    this.map = null;
  }

  private async open(): Promise<void> {
    const response = await fetch(this.dataset.src ?? "").catch(() => null);
    if (!response?.ok || !this.isConnected) return;
    this.data = (await response.json()) as FlowMapData;
    forbidInlineStyle(document);
    const desk = this.makeDesk(ratioOf(this.data));
    this.map = cytoscape({
      container: desk,
      elements: elementsOf(this.data),
      style: styleOf(this.palette(), this.data.box),
      layout: { name: "preset", fit: true, padding: FIT_PADDING },
      minZoom: 0.15,
      maxZoom: 2.5,
      // The wheel belongs to the page.
      userZoomingEnabled: false,
      boxSelectionEnabled: false,
      autoungrabify: !this.dataset.places,
    });
    this.map.on("dragfree", "node", (event) => {
      const { x, y } = event.target.position();
      this.note(event.target.id(), x, y);
    });
    this.sizes.observe(desk);
    this.themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    this.system.addEventListener("change", this.repaint);
  }

  private makeDesk(ratio: number): HTMLElement {
    const desk = document.createElement("div");
    desk.style.aspectRatio = String(ratio);
    desk.className = "flow-map-desk";
    desk.setAttribute("role", "img");
    desk.setAttribute("aria-label", this.querySelector("img")?.alt ?? "");
    const bar = document.createElement("div");
    bar.className = "flow-map-bar";
    bar.append(
      this.button(this.dataset.zoomIn, "+", () => this.zoom(ZOOM_STEP)),
      this.button(this.dataset.zoomOut, "−", () => this.zoom(1 / ZOOM_STEP)),
      this.button(this.dataset.fit, "⤢", () => this.refit()),
      Object.assign(document.createElement("p"), { className: "small muted", role: "status" }),
    );
    this.append(bar, desk);
    this.toggleAttribute("data-is-drawn", true);
    return desk;
  }

  private button(label: string | undefined, sign: string, act: () => void): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline btn-sm btn-square";
    button.setAttribute("aria-label", label ?? sign);
    button.textContent = sign;
    button.addEventListener("click", act);
    return button;
  }

  private zoom(factor: number): void {
    const map = this.map;
    map?.zoom({ level: map.zoom() * factor, renderedPosition: { x: map.width() / 2, y: map.height() / 2 } });
  }

  private note(key: string, x: number, y: number): void {
    if (this.data && !this.moved.size) this.moved = loosePlaces(this.data);
    this.moved.set(key, [Math.round(x), Math.round(y)]);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), SAVE_AFTER_MS);
  }

  private async save(): Promise<void> {
    const places = Object.fromEntries(this.moved);
    this.moved = new Map();
    const response = await fetch(this.dataset.places ?? "", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(document) },
      body: JSON.stringify(places),
    }).catch(() => null);
    // What could not be saved goes along with the next move, unless that moved it again.
    if (!response?.ok) this.moved = new Map([...Object.entries(places), ...this.moved]);
    const status = this.querySelector("[role=status]");
    if (status) status.textContent = (response?.ok ? this.dataset.saved : this.dataset.failed) ?? "";
    if (!response?.ok) return;
    for (const node of this.data?.nodes ?? []) node.isPlaced ||= node.key in places;
    this.renew();
  }

  /** Have the drawing for paper follow. */
  private renew(): void {
    const image = this.querySelector("img");
    if (!image) return;
    const url = new URL(image.src, location.href);
    url.searchParams.set("at", String(Date.now()));
    image.src = url.href;
  }

  /** Show all of it again when the desk becomes another: a phone was turned, a window was made wider. */
  private refit(): void {
    this.map?.resize();
    this.map?.fit(undefined, FIT_PADDING);
  }

  private paint(): void {
    if (this.map && this.data) this.map.style(styleOf(this.palette(), this.data.box));
  }

  private palette(): Palette {
    return {
      ink: this.colour("--color-base-content"),
      paper: this.colour("--color-base-100"),
      ground: this.colour("--color-base-200"),
      line: this.colour("--color-secondary"),
      bad: this.colour("--color-error"),
      party: this.colour("--tone-warning"),
    };
  }

  /** Resolve a token: a canvas knows neither custom properties nor `light-dark()`. */
  private colour(token: string): string {
    const probe = document.createElement("span");
    probe.hidden = true;
    probe.style.color = `var(${token})`;
    this.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  }
}

/** Cytoscape writes a style sheet of one rule into the page, which the policy forbids; ours has that rule already. */
export function forbidInlineStyle(page: Document): void {
  const id = "__________cytoscape_stylesheet";
  if (page.getElementById(id)) return;
  const mark = page.createElement("meta");
  mark.id = id;
  page.head.append(mark);
}

customElements.define("flow-map", FlowMap);
