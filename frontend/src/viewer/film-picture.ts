/** The films of a series, one at a time, with grey values where they are stored so. */
import {
  calibrationOf,
  type Film,
  filmLetters,
  makeGreyFilm,
  sheetOf,
  showsTable,
  voiFunctionOf,
} from "./films";
import type { Calibration } from "./measure";
import { Pane } from "./pane";
import type { Picture, PictureHost } from "./picture";
import type { EdgeLetters } from "./plane";
import { isAbort, ViewerError } from "./problem";
import type { Renderer } from "./renderer";
import { request, requestBytes, withRetry } from "./request";
import { frameUrl, type GreyWindow, type SceneImage, type SceneSeries } from "./scene";
import { clamp, type Point } from "./sheet";
import { filmShot } from "./shot";
import { windowOf } from "./window";

const RAW_FRAME = "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1";
const RENDERED = "image/png, image/jpeg;q=0.9";
/** Films that are kept, so that going back and forth asks the server only once. */
const FILMS_KEPT = 6;
const COLOUR_WINDOW: GreyWindow = { center: 127.5, width: 256 };

export class FilmPicture implements Picture {
  readonly panes: readonly Pane[];
  readonly hasSlab = false;
  readonly bytesOfFullDetail = 0;
  presets: Readonly<Record<string, GreyWindow>> = {};
  range: readonly [number, number] = [0, 255];
  canWindow = true;
  readonly #images: readonly SceneImage[];
  readonly #films = new Map<number, Film>();
  readonly #leave = new AbortController();
  #turn: AbortController | null = null;
  #index = 0;
  #shown: number | null = null;

  constructor(
    readonly series: SceneSeries,
    readonly host: PictureHost,
    readonly renderer: Renderer,
    template: HTMLTemplateElement,
  ) {
    this.#images = series.images ?? [];
    this.panes = [new Pane(template, "film", host.texts("film"))];
  }

  get #image(): SceneImage {
    const image = this.#images[this.#index];
    if (!image) throw new ViewerError("no-images");
    return image;
  }

  get #pane(): Pane {
    return this.panes[0] as Pane;
  }

  async open(): Promise<void> {
    await this.#show(0);
  }

  async #show(index: number): Promise<void> {
    this.#turn?.abort();
    this.#turn = new AbortController();
    const signal = AbortSignal.any([this.#turn.signal, this.#leave.signal]);
    this.#index = index;
    this.host.redraw();
    const film = this.#films.get(index) ?? (await this.#fetch(this.#image, signal));
    if (signal.aborted) return;
    this.#remember(index, film);
    this.#put(index, film);
  }

  #remember(index: number, film: Film): void {
    this.#films.delete(index);
    this.#films.set(index, film);
    const oldest = this.#films.keys().next().value;
    if (this.#films.size > FILMS_KEPT && oldest !== undefined) this.#films.delete(oldest);
  }

  #put(index: number, film: Film): void {
    this.renderer.setFilm(film, this.#image);
    this.#shown = index;
    this.#pane.sheet = sheetOf(this.#image);
    this.canWindow = film.kind === "grey";
    if (film.kind === "grey") {
      this.range = film.range;
      this.presets = { stored: film.window, full: windowOf(...film.range) };
    } else {
      this.range = [0, 255];
      this.presets = {};
    }
    this.host.display.window = this.presets.stored ?? COLOUR_WINDOW;
    this.host.shown("full");
  }

  async #fetch(image: SceneImage, signal: AbortSignal): Promise<Film> {
    const frame = frameUrl(this.host.scene, this.series, `${image.SOPInstanceUID}/frames/${image.frame}`);
    const isTooLarge = Math.max(image.Columns, image.Rows) > this.renderer.largestFilm;
    if (!image.is_raw_grey || isTooLarge) return this.#fetchRendered(`${frame}/rendered`, signal);
    const bytes = await withRetry(
      () => requestBytes(frame, { accept: RAW_FRAME, signal, priority: "high" }),
      signal,
    );
    const length = (image.Columns * image.Rows * image.BitsAllocated) / 8;
    if (bytes.length < length) throw new ViewerError("incomplete");
    return makeGreyFilm(bytes.subarray(0, length), image);
  }

  async #fetchRendered(url: string, signal: AbortSignal): Promise<Film> {
    const response = await withRetry(
      () => request(url, { accept: RENDERED, signal, priority: "high" }),
      signal,
    );
    return { kind: "colour", bitmap: await createImageBitmap(await response.blob()) };
  }

  close(): void {
    this.#leave.abort();
    this.renderer.clear();
    this.#films.clear();
  }

  draw(): void {
    if (this.#shown !== this.#index) return;
    this.#pane.element.toggleAttribute("data-is-wide", this.#pane.isWide);
    const image = this.#image;
    const { window, isInverted } = this.host.display;
    // The server's rendering has already turned inverse images round.
    const isRaw = this.#films.get(this.#index)?.kind === "grey";
    const look = { window, isInverted: isInverted !== (isRaw && image.is_inverse) };
    const shot = filmShot(this.#pane.sheet, this.#pane.view, this.#pane.size, look);
    this.renderer.drawFilm(this.#pane.rect, shot, voiFunctionOf(image));
  }

  countOf(): number {
    return this.#images.length;
  }

  indexOf(): number {
    return this.#index;
  }

  goTo(_pane: Pane, index: number): void {
    const wanted = clamp(Math.round(index), 0, this.#images.length - 1);
    if (wanted === this.#index) return;
    this.#show(wanted).catch((error: unknown) => {
      if (!isAbort(error)) this.host.failed(error);
    });
  }

  crosshairOf(): null {
    return null;
  }

  lettersOf(): EdgeLetters | null {
    return filmLetters(this.#image);
  }

  calibrationOf(): Calibration {
    return calibrationOf(this.#image);
  }

  instanceOf(): string {
    return this.#image.SOPInstanceUID;
  }

  placeOf(): string {
    return `${this.series.id}/film/${this.#index}`;
  }

  showPlace(place: string): boolean {
    const [series, , index] = place.split("/");
    if (series !== this.series.id) return false;
    this.goTo(this.#pane, Number(index));
    return true;
  }

  titleOf(): string {
    return this.host.texts("image", { n: this.#index + 1, total: this.#images.length });
  }

  linesOf(): readonly string[] {
    const { texts } = this.host;
    const image = this.#image;
    const spacing = image.spacing_note || texts(`spacing-${calibrationOf(image).kind}`);
    const orientation = filmLetters(image) ? "" : texts("no-orientation");
    return [this.titleOf(), spacing, orientation];
  }

  windowNote(): string | null {
    const film = this.#films.get(this.#index);
    const isTable = film && showsTable(film, this.#image, this.host.display.window);
    return isTable ? this.host.texts("table") : null;
  }

  valueAt(_pane: Pane, point: Point): number | null {
    const film = this.#films.get(this.#index);
    const { Columns: columns, Rows: rows, slope, intercept } = this.#image;
    const [x, y] = [Math.round(point.x), Math.round(point.y)];
    if (film?.kind !== "grey" || x < 0 || y < 0 || x >= columns || y >= rows) return null;
    const at = y * columns + x;
    const { bytes, bits, offset } = film;
    const stored = bits === 8 ? (bytes[at] ?? 0) : (bytes[2 * at] ?? 0) + 256 * (bytes[2 * at + 1] ?? 0);
    return (stored - offset) * slope + intercept;
  }
}
