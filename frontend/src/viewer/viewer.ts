/** The viewer: one study, one series in its panes, one tool in the hand. */
import { annotate, cornersOf, drawnMeasurements } from "./annotate";
import { Desk } from "./desk";
import { FilmPicture } from "./film-picture";
import { Hands } from "./hands";
import { pageKey, paneKey } from "./keys";
import type { Page } from "./page";
import type { Pane } from "./pane";
import type { Display, Picture, PictureHost } from "./picture";
import { DocumentView, PlainView } from "./plain";
import { composeView, printView, saveView } from "./print";
import { hasLostAccess, isAbort, problemOf } from "./problem";
import { Redraw } from "./redraw";
import type { EarlyPreview } from "./reduced";
import type { Renderer } from "./renderer";
import { showResults } from "./results";
import { firstSeries, type Scene, type SceneSeries, waitForSeries } from "./scene";
import { Strip } from "./strip";
import type { Texts } from "./texts";
import { bindToolbar, choosePreset, fitToolbar, resetSlab, showPresets } from "./toolbar";
import { type ToolName, Tools } from "./tools";
import type { Machine } from "./volume";
import { VolumePicture } from "./volume-picture";

const SAVED_NAME = "bitewing-view.png";

export class Viewer implements PictureHost {
  readonly desk: Desk;
  readonly #redraw = new Redraw(
    () => this.#draw(),
    () => this.#renderer?.isBusy ?? false,
  );
  readonly #renderer: Renderer | null;
  /** Serves the first picture only: a second try has to ask again. */
  #early: EarlyPreview | null;
  readonly #strip: Strip;
  readonly #tools: Tools;
  readonly #hands: Hands;
  #plain: PlainView | DocumentView | null = null;
  #series: SceneSeries | null = null;
  #leave = new AbortController();
  readonly #gone = new AbortController();

  constructor(
    readonly page: Page,
    readonly scene: Scene,
    renderer: Renderer | null,
    early: EarlyPreview | null,
  ) {
    this.#early = early;
    this.desk = new Desk(
      page,
      scene,
      () => this.#redraw.soon(),
      () => this.#measured(),
    );
    this.#renderer = renderer;
    this.#strip = new Strip(page.part("[data-strip]"), scene, page.texts, (series) => void this.show(series));
    this.#hands = new Hands(
      this.desk,
      (action) => this.act(action),
      (number) => this.#choosePreset(number),
    );
    this.#tools = new Tools(this.#hands);
    bindToolbar(this.desk, { act: (action) => this.act(action), retry: () => this.#retry() });
    this.#listen();
  }

  get texts(): Texts {
    return this.page.texts;
  }

  get display(): Display {
    return this.desk.display;
  }

  async open(): Promise<void> {
    this.#writeIdentity();
    void this.desk.suggestions.load(this.scene.findings_url, this.#gone.signal);
    const series = firstSeries(this.scene);
    if (series) await this.show(series);
    else this.page.showError(null);
  }

  #writeIdentity(): void {
    const { patient, study } = this.scene;
    this.page.part("[data-patient]").textContent = patient.name;
    const parts = [patient.id, patient.birth_date && this.texts("born", { date: patient.birth_date })];
    this.page.part("[data-patient-detail]").textContent = parts.filter(Boolean).join(" · ");
    this.page.part("[data-study]").textContent = [study.StudyDate, study.StudyDescription]
      .filter(Boolean)
      .join(" · ");
    this.page.root.dataset.seriesCount = String(this.scene.series.length);
    for (const element of this.page.all("[data-needs-download]"))
      element.hidden = !this.scene.rights.download;
  }

  async show(series: SceneSeries): Promise<void> {
    this.close();
    this.#series = series;
    this.page.hideError();
    this.page.setState("loading");
    this.#strip.select(series);
    this.#showWarnings(series);
    try {
      if (series.kind === "preparing") await this.#awaitPrepared(series);
      else if (series.kind === "document" || !this.#renderer) await this.#showPlain(series);
      else await this.#showPicture(series);
    } catch (error) {
      if (this.#series === series && !isAbort(error)) this.failed(error);
    }
  }

  async #awaitPrepared(series: SceneSeries): Promise<void> {
    const place = this.page.part("[data-plain]");
    place.textContent = this.texts("preparing");
    place.hidden = false;
    fitToolbar(this.desk, null);
    const isPrepared = ({ kind }: SceneSeries) => kind !== "preparing";
    const signal = this.#leave.signal;
    const fresh = await waitForSeries(this.page.sceneUrl, series.id, isPrepared, signal);
    if (fresh && this.#series === series) await this.show(fresh);
  }

  async #showPlain(series: SceneSeries): Promise<void> {
    const place = this.page.part("[data-plain]");
    fitToolbar(this.desk, null);
    place.hidden = false;
    if (series.kind === "document") this.#plain = new DocumentView(place, this.scene, series, this.texts);
    else this.#plain = new PlainView(place, this.scene, series, this.texts, (error) => this.failed(error));
    this.page.part("[data-no-webgl]").hidden = this.#renderer !== null || series.kind === "document";
    await this.#plain.open();
    this.page.setState("full");
  }

  async #showPicture(series: SceneSeries): Promise<void> {
    const picture = this.#makePicture(series);
    this.desk.picture = picture;
    this.page.part("[data-panes]").replaceChildren(...picture.panes.map((pane) => pane.element));
    fitToolbar(this.desk, picture);
    resetSlab(this.desk);
    this.desk.display.isInverted = false;
    this.desk.setTool(this.#firstToolFor(picture));
    for (const pane of picture.panes) this.#attach(pane);
    const first = picture.panes[0];
    if (first) this.desk.activate(first);
    this.desk.setMaximised(false);
    await picture.open();
    this.#redraw.soon();
  }

  /** On a small screen a stroke turns slices; films have no crosshair, and are windowed first of all. */
  #firstToolFor(picture: Picture): ToolName {
    if (!picture.hasSlab) return "window";
    return this.page.isCompact ? "slices" : "crosshair";
  }

  #makePicture(series: SceneSeries): Picture {
    const renderer = this.#renderer as Renderer;
    if (series.kind === "images") return new FilmPicture(series, this, renderer, this.page.paneTemplate);
    const machine = machineOf(renderer);
    const { sceneUrl, paneTemplate } = this.page;
    const early = this.#early;
    this.#early = null;
    return new VolumePicture(series, this, renderer, machine, sceneUrl, paneTemplate, early);
  }

  #attach(pane: Pane): void {
    this.#tools.attach(pane);
    pane.slider.setAttribute("aria-label", `${this.texts("slice-slider")}, ${this.texts(pane.name)}`);
    pane.slider.addEventListener("input", () => this.desk.picture?.goTo(pane, Number(pane.slider.value) - 1));
    pane.element.addEventListener("focus", () => this.desk.activate(pane));
    pane.element.addEventListener("keydown", (event) => {
      const isPaneItself =
        event.target === pane.element || (event.target as Element).hasAttribute("data-handle");
      if (isPaneItself && paneKey(event, pane, this.#hands)) event.preventDefault();
    });
    for (const button of pane.element.querySelectorAll("[data-maximise]")) {
      button.addEventListener("click", () => this.#hands.maximise(pane));
    }
  }

  close(): void {
    this.#leave.abort();
    this.#leave = new AbortController();
    this.desk.picture?.close();
    this.desk.picture = null;
    this.desk.draft = null;
    this.desk.hover = null;
    this.#plain?.close();
    this.#plain = null;
    this.page.part("[data-plain]").hidden = true;
    this.page.part("[data-panes]").replaceChildren();
  }

  #showWarnings(series: SceneSeries): void {
    const place = this.page.part("[data-warnings]");
    place.hidden = series.warnings.length === 0;
    this.page.part("[data-warning-list]").replaceChildren(
      ...series.warnings.map((warning) => {
        const item = document.createElement("li");
        item.textContent = warning;
        return item;
      }),
    );
  }

  shown(state: "preview" | "full"): void {
    this.#redraw.now();
    const before = this.page.root.dataset.state;
    // A preview may come after the slices; the picture is none the less whole.
    if (before !== "full") this.page.setState(state);
    if (before === "loading") this.#firstShown();
    if (state === "full") {
      this.page.showProgress(1, 1);
      this.#renderer?.finish();
      this.page.setMark("viewer-full");
    }
  }

  #firstShown(): void {
    this.#renderer?.finish();
    this.page.setMark(this.desk.picture?.hasSlab ? "viewer-planes" : "viewer-film");
    // Keys work at once, unless there is only touch: there the focus ring would only frame the picture.
    if (!this.page.isCompact) this.desk.activePane?.element.focus({ preventScroll: true });
    void this.#strip.loadThumbnails(this.scene);
  }

  progress(loaded: number, total: number): void {
    this.page.showProgress(loaded, total);
  }

  redraw(): void {
    this.#redraw.soon();
  }

  redrawLater(): void {
    this.#redraw.later();
  }

  /** Whoever has lost access sees no picture any more; a lost connection takes nothing away. */
  failed(error: unknown): void {
    if (hasLostAccess(problemOf(error))) {
      this.close();
      this.desk.measurements.clear();
      this.#redraw.now();
    }
    this.page.showError(error);
  }

  #draw(): void {
    this.#renderer?.begin();
    const picture = this.desk.picture;
    if (!picture) return;
    picture.draw();
    this.#renderer?.end();
    annotate(this.desk, picture);
    showPresets(this.desk, picture);
    const bytes = picture.bytesOfFullDetail;
    const button = this.page.part("[data-full-detail]");
    button.hidden = bytes === 0;
    button.textContent = this.texts("full-detail", { mb: Math.ceil(bytes / 1e6) });
  }

  #measured(): void {
    this.#showResults();
    this.#redraw.soon();
  }

  #showResults(): void {
    const { measurements, words } = this.desk;
    showResults(this.page.part("[data-results]"), measurements.all, measurements.selectedId, words, {
      show: (measurement) => {
        this.desk.picture?.showPlace(measurement.place);
        measurements.select(measurement.id);
      },
      remove: (measurement) => {
        measurements.remove(measurement.id);
        this.desk.activePane?.element.focus();
      },
      title: (measurement) => this.#titleOf(measurement.place),
      removeLabel: (text) => this.texts("remove", { what: text }),
    });
    this.page.part("[data-no-results]").hidden = measurements.all.length > 0;
  }

  #titleOf(place: string): string {
    const [, name = "", index] = place.split("/");
    return `${this.texts(name)} ${Number(index) + 1}`;
  }

  act(action: string): void {
    const actions: Readonly<Record<string, () => void>> = {
      invert: () => {
        this.display.isInverted = !this.display.isInverted;
        this.#redraw.soon();
      },
      reset: () => this.#reset(),
      undo: () => this.#say(this.desk.measurements.undo(), "undone"),
      delete: () => this.#say(this.desk.measurements.remove(), "deleted"),
      maximise: () => this.desk.activePane && this.#hands.maximise(this.desk.activePane),
      help: () => this.page.part<HTMLDialogElement>("[data-help]").showModal(),
      suggestions: () => this.desk.suggestions.toggle(),
      settings: () => this.#toggleSettings(),
      "full-detail": () => this.desk.picture?.loadFullDetail?.(),
      save: () => void this.#compose((paper) => saveView(paper, SAVED_NAME)),
      print: () => void this.#compose((paper) => printView(paper, this.page.part("[data-print]"))),
    };
    actions[action]?.();
  }

  #toggleSettings(): void {
    const isOpen = this.page.root.toggleAttribute("data-settings-open");
    for (const button of this.page.all("[data-action=settings]"))
      button.setAttribute("aria-expanded", String(isOpen));
  }

  #say(isDone: boolean, text: string): void {
    if (isDone) this.page.announce(this.texts(text));
  }

  #reset(): void {
    const picture = this.desk.picture;
    for (const pane of picture?.panes ?? []) pane.resetView();
    const opening = Object.values(picture?.presets ?? {})[0];
    if (opening) this.display.window = opening;
    this.display.isInverted = false;
    resetSlab(this.desk);
    this.#redraw.soon();
  }

  #choosePreset(number: number): void {
    const name = Object.keys(this.desk.picture?.presets ?? {})[number - 1];
    if (name) choosePreset(this.desk, name);
  }

  async #compose(use: (paper: HTMLCanvasElement) => Promise<void>): Promise<void> {
    const { picture, activePane: pane } = this.desk;
    if (!picture || !pane || !this.scene.rights.download) return;
    // The drawing buffer is only whole in the task that drew it.
    this.#redraw.now();
    const corners = cornersOf(this.desk, picture, pane);
    const paper = composeView({
      canvas: this.page.canvas,
      rect: pane.rect,
      head: [corners.patient, corners.study].map((lines) => lines.filter(Boolean).join(" · ")),
      foot: [
        [picture.titleOf(pane), ...corners.slice.slice(1), ...corners.window].filter(Boolean).join(" · "),
      ],
      notice: this.scene.notice,
      letters: picture.lettersOf(pane),
      measurements: drawnMeasurements(this.desk, picture, pane),
    });
    await use(paper);
  }

  #retry(): void {
    if (this.#series) void this.show(this.#series);
  }

  #listen(): void {
    const { canvas } = this.page;
    new ResizeObserver(() => this.#redraw.soon()).observe(canvas);
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.page.announce(this.texts("graphics-lost"));
    });
    canvas.addEventListener("webglcontextrestored", () => {
      this.#renderer?.restore();
      this.#redraw.soon();
    });
    document.addEventListener("keydown", (event) => this.#key(event));
    // Leaving frees everything, and coming back through the history begins anew: nothing of a study stays.
    globalThis.addEventListener("pagehide", () => {
      this.close();
      this.#gone.abort();
      this.#strip.stop();
    });
    globalThis.addEventListener("pageshow", (event) => event.persisted && location.reload());
    globalThis.addEventListener(
      "online",
      () => this.page.root.dataset.problem === "offline" && this.#retry(),
    );
  }

  #key(event: KeyboardEvent): void {
    const isTyping =
      event.target instanceof Element && event.target.matches("input:not([type=range]), select, textarea");
    const isLetter = event.key.length === 1 && !event.ctrlKey && !event.metaKey;
    if (event.defaultPrevented || isTyping || (isLetter && !this.desk.hasLetterKeys)) return;
    if (this.page.part<HTMLDialogElement>("[data-help]").open) return;
    if (pageKey(event, this.#hands)) event.preventDefault();
  }
}

function machineOf(renderer: Renderer): Machine {
  const memory = (navigator as { deviceMemory?: number }).deviceMemory ?? 8;
  const longestSide = Math.max(screen.width, screen.height);
  const { saveData = false } = (navigator as { connection?: { saveData?: boolean } }).connection ?? {};
  return { longestSide, memoryGb: memory, largestTexture: renderer.largestTexture, savesData: saveData };
}
