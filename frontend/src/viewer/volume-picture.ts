/** A volume in three linked planes: the preview first, then slices of full resolution around the crosshair. */
import { SliceLoader } from "./loader";
import type { Calibration } from "./measure";
import { Pane } from "./pane";
import type { Picture, PictureHost } from "./picture";
import {
  dimensions,
  type EdgeLetters,
  makePlane,
  nearestVoxel,
  PLANE_NAMES,
  type Plane,
  type PlaneName,
  planeLetters,
  sheetPointOf,
  slicePosition,
  voxelOf,
} from "./plane";
import { hasLostAccess, isAbort, type Problem, problemOf, ViewerError } from "./problem";
import { presented } from "./redraw";
import { type EarlyPreview, fetchHalf, fetchPreview, previewOf } from "./reduced";
import type { Renderer } from "./renderer";
import { requestBytes, withRetry } from "./request";
import {
  frameUrl,
  type GreyWindow,
  type ScenePreview,
  type SceneSeries,
  type SceneVolume,
  type Vec3,
  waitForSeries,
} from "./scene";
import { clamp, type Point } from "./sheet";
import { planeShot } from "./shot";
import type { Bytes } from "./stored";
import { detailFor, fitsWhole, type Machine, sliceBytes, Volume, wantsHalf } from "./volume";
import { fitPresets, type Histogram, histogramOf, windowOf } from "./window";

/** PS3.18 8.7.3.3.2: one part, Explicit VR Little Endian, which for one frame is its raw bytes. */
const RAW_FRAME = "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1";
/** On phones also the neighbours of the slice in view, so that the next one is there when it is wanted. */
const NEAR_REACH = 2;

/** Room for a whole volume takes a software renderer a third of a second: the reader's first look comes before. */
const ROOM_AFTER_MS = 500;

/** What a missing preview or half volume may be, without the slices being lost too. */
const PASSABLE: ReadonlySet<Problem> = new Set(["not-found", "server", "incomplete"]);

export class VolumePicture implements Picture {
  readonly panes: readonly Pane[];
  readonly hasSlab = true;
  readonly canWindow = true;
  range: readonly [number, number];
  presets: Readonly<Record<string, GreyWindow>>;
  readonly #planes: ReadonlyMap<Pane, Plane>;
  readonly #leave = new AbortController();
  readonly #volume: Volume;
  #loader: SliceLoader | null = null;
  #isHalfAsked = false;
  #hasRoom = false;
  #crosshair: Vec3;

  constructor(
    readonly series: SceneSeries,
    readonly host: PictureHost,
    readonly renderer: Renderer,
    readonly machine: Machine,
    readonly sceneUrl: string,
    template: HTMLTemplateElement,
    readonly early: EarlyPreview | null,
  ) {
    if (!series.volume) throw new ViewerError("incomplete");
    const scene = series.volume;
    this.#volume = new Volume(scene, detailFor(scene, machine));
    this.#crosshair = nearestVoxel(scene, dimensions(scene).map((count) => count / 2) as unknown as Vec3);
    this.range = rangeOf(scene);
    this.presets = { bone: scene.window ?? windowOf(...this.range), full: windowOf(...this.range) };
    const planes = PLANE_NAMES.map(
      (name) => [makePane(template, host, scene, name), makePlane(scene, name)] as const,
    );
    this.#planes = new Map(planes);
    this.panes = [...this.#planes.keys()];
  }

  get #scene(): SceneVolume {
    return this.#volume.scene;
  }

  get #missing(): ReadonlySet<number> {
    return new Set(this.#scene.frames.flatMap((frame, index) => (frame === null ? [index] : [])));
  }

  get bytesOfFullDetail(): number {
    const isPossible = this.#volume.detail === "near" && fitsWhole(this.#scene, this.machine);
    return isPossible ? sliceBytes(this.#scene) * this.#scene.slices : 0;
  }

  async open(): Promise<void> {
    this.host.display.window = this.presets.bone ?? windowOf(...this.range);
    // The preview has the line to itself: it is what the reader waits for.
    const arriving = this.#scene.preview ? this.#tryPreview(this.#scene.preview) : null;
    this.renderer.setVolume(this.#volume);
    await arriving;
    // First the reader sees what there is.
    if (this.#volume.detail === "whole") await presented();
    if (this.#leave.signal.aborted) return;
    this.#startLoader();
    if (this.#volume.detail === "whole") setTimeout(() => this.#makeRoom(), ROOM_AFTER_MS);
    else this.#makeRoom();
    if (!arriving) await this.#awaitPreview();
  }

  /** A preview that cannot be read costs time, not the study: the slices follow in any case. */
  async #tryPreview(preview: ScenePreview): Promise<void> {
    try {
      await this.#loadPreview(preview);
    } catch (error) {
      if (!PASSABLE.has(problemOf(error)) || this.#volume.detail === "preview") throw error;
    }
  }

  async #awaitPreview(): Promise<void> {
    const hasPreview = ({ volume }: SceneSeries) => Boolean(volume?.preview);
    const fresh = await waitForSeries(this.sceneUrl, this.series.id, hasPreview, this.#leave.signal);
    if (!fresh?.volume?.preview) return;
    const { preview, window, range } = fresh.volume;
    Object.assign(this.#scene, { preview, window, range });
    this.range = rangeOf(this.#scene);
    await this.#tryPreview(preview);
  }

  async #loadPreview(preview: ScenePreview): Promise<void> {
    const signal = this.#leave.signal;
    const bytes = await (this.early?.preview === preview ? this.early.bytes : fetchPreview(preview, signal));
    if (signal.aborted) return;
    this.#volume.reduced ??= previewOf(preview, bytes, this.#scene);
    this.renderer.refreshReduced();
    this.#fitPresets(histogramOf(bytes, preview.low, preview.high));
    this.host.shown(this.#volume.detail === "preview" ? "full" : "preview");
  }

  /** The reader's own window stays; the opening one becomes the fitted one. */
  #fitPresets(histogram: Histogram): void {
    const opened = this.presets.bone;
    const fitted = fitPresets(histogram, this.#scene.window, this.range);
    this.presets = { ...fitted, full: windowOf(...this.range) };
    if (this.host.display.window === opened) this.host.display.window = fitted.bone;
  }

  #startLoader(): void {
    if (this.#volume.detail === "preview") return;
    this.#loader = new SliceLoader({
      count: this.#scene.slices,
      missing: this.#missing,
      reach: this.#volume.detail === "whole" ? Number.POSITIVE_INFINITY : NEAR_REACH,
      atOnce: this.#volume.detail === "whole" ? 6 : 2,
      fetchSlice: (index, signal) => this.#fetchSlice(index, signal),
      onSlice: (index, bytes) => this.#keep(index, bytes),
      onError: (error) => this.host.failed(error),
    });
    this.#loader.focus(this.#crosshair[2]);
  }

  /** Slices that have arrived before are taken over; a device that has no room for all gets those in view. */
  #makeRoom(): void {
    if (this.#hasRoom || this.#leave.signal.aborted) return;
    this.#hasRoom = true;
    const { detail } = this.#volume;
    this.renderer.makeRoom();
    if (this.#volume.detail !== detail) {
      this.#loader?.stop();
      this.#startLoader();
    }
    this.host.redrawLater();
  }

  async #fetchSlice(index: number, signal: AbortSignal): Promise<Bytes> {
    const url = frameUrl(this.host.scene, this.series, this.#scene.frames[index] ?? "");
    const bytes = await withRetry(() => requestBytes(url, { accept: RAW_FRAME, signal }), signal);
    if (bytes.length < sliceBytes(this.#scene)) throw new ViewerError("incomplete");
    // Frames of odd length carry a padding byte (PS3.5 8.1.1).
    return bytes.subarray(0, sliceBytes(this.#scene));
  }

  #keep(index: number, bytes: Bytes): void {
    const loader = this.#loader;
    const dropped = this.#volume.keep(index, bytes);
    if (dropped !== undefined) loader?.forget(dropped);
    const isNear = this.#volume.detail === "near";
    if (!isNear || index === this.#crosshair[2]) this.renderer.setSlice(index, bytes);
    const total = isNear ? 1 : this.#scene.slices - this.#missing.size;
    this.host.progress(Math.min(loader?.loadedCount ?? 0, total), total);
    const isFull = isNear ? index === this.#crosshair[2] : loader?.loadedCount === total;
    if (isFull) this.#makeRoom();
    if (isFull) this.host.shown("full");
    else if (index === this.#crosshair[2]) this.host.redraw();
    else this.host.redrawLater();
    if (isNear && this.#volume.slices.has(this.#crosshair[2])) void this.#improve();
  }

  /** With the slice in view at full resolution, what lies across it gets half of it. */
  async #improve(): Promise<void> {
    const { half } = this.#scene;
    if (this.#isHalfAsked || !wantsHalf(half, this.machine)) return;
    this.#isHalfAsked = true;
    try {
      this.#volume.reduced = await fetchHalf(half, this.#leave.signal);
      if (this.#leave.signal.aborted) return;
      this.renderer.refreshReduced();
      this.host.redraw();
    } catch (error) {
      const problem = problemOf(error);
      // Without it the preview stays, unless the study may not be seen any more.
      if (!isAbort(error) && hasLostAccess(problem) && !PASSABLE.has(problem)) this.host.failed(error);
    }
  }

  /** The reader wants the whole volume on a device that would not have loaded it by itself. */
  loadFullDetail(): void {
    if (!this.bytesOfFullDetail) return;
    this.#loader?.stop();
    this.#volume.detail = "whole";
    this.renderer.makeRoom();
    this.#startLoader();
    this.host.redraw();
  }

  close(): void {
    this.#leave.abort();
    this.#loader?.stop();
    this.renderer.clear();
  }

  draw(): void {
    const { slab, window, isInverted } = this.host.display;
    // While there is nothing to see, a pixel makes the shaders ready for what comes.
    const isEmpty = !this.#volume.reduced && this.#volume.slices.size === 0;
    for (const [pane, plane] of this.#planes) {
      if (!pane.isVisible) continue;
      const shot = planeShot(plane, pane.view, pane.size, this.indexOf(pane), slab, { window, isInverted });
      this.renderer.drawPlane(isEmpty ? { ...pane.rect, width: 1, height: 1 } : pane.rect, shot);
    }
  }

  #plane(pane: Pane): Plane {
    const plane = this.#planes.get(pane);
    if (!plane) throw new Error("pane of another picture");
    return plane;
  }

  #paneOf(name: PlaneName): Pane | undefined {
    return this.panes.find((pane) => pane.name === name);
  }

  countOf(pane: Pane): number {
    return this.#plane(pane).slices;
  }

  indexOf(pane: Pane): number {
    return this.#crosshair[this.#plane(pane).through.index];
  }

  goTo(pane: Pane, index: number): void {
    const moved: [number, number, number] = [...this.#crosshair];
    moved[this.#plane(pane).through.index] = clamp(Math.round(index), 0, this.countOf(pane) - 1);
    this.#moveTo(moved);
  }

  pointAt(pane: Pane, point: Point): void {
    this.#moveTo(nearestVoxel(this.#scene, voxelOf(this.#plane(pane), point, this.indexOf(pane))));
  }

  #moveTo(voxel: Vec3): void {
    const isOtherSlice = voxel[2] !== this.#crosshair[2];
    this.#crosshair = voxel;
    for (const [pane, plane] of this.#planes) pane.reveal(sheetPointOf(plane, voxel));
    if (isOtherSlice) this.#focus(voxel[2]);
    this.host.redraw();
  }

  #focus(slice: number): void {
    const held = this.#volume.slices.get(slice);
    if (held && this.#volume.detail === "near") this.renderer.setSlice(slice, held);
    this.#loader?.focus(slice);
  }

  crosshairOf(pane: Pane) {
    const plane = this.#plane(pane);
    const [across, down] = [plane.right.index, plane.down.index];
    const nameOf = (axis: number) =>
      this.panes.find((other) => this.#plane(other).through.index === axis)?.name ?? "axial";
    return {
      at: sheetPointOf(plane, this.#crosshair),
      horizontal: nameOf(down),
      vertical: nameOf(across),
      slabSpacing: { x: this.#scene.spacing_mm[across], y: this.#scene.spacing_mm[down] },
    };
  }

  /** None where slices are only stacked by their number: which side is which would be a guess. */
  lettersOf(pane: Pane): EdgeLetters | null {
    return this.#scene.is_calibrated ? planeLetters(this.#scene, this.#plane(pane)) : null;
  }

  calibrationOf(pane: Pane): Calibration {
    const { spacing } = this.#plane(pane).sheet;
    return { kind: this.#scene.is_calibrated ? "calibrated" : "none", spacing };
  }

  placeOf(pane: Pane): string {
    return `${this.series.id}/${pane.name}/${this.indexOf(pane)}`;
  }

  showPlace(place: string): boolean {
    const [series, name, index] = place.split("/");
    const pane = this.#paneOf(name as PlaneName);
    if (series !== this.series.id || !pane) return false;
    this.goTo(pane, Number(index));
    return true;
  }

  titleOf(pane: Pane): string {
    const { texts } = this.host;
    const slice = texts("slice", { n: this.indexOf(pane) + 1, total: this.countOf(pane) });
    return `${texts(pane.name)}, ${slice}`;
  }

  linesOf(pane: Pane): readonly string[] {
    const { texts, display } = this.host;
    const position = this.#scene.is_calibrated
      ? slicePosition(this.#scene, this.#plane(pane), this.#crosshair)
      : texts("no-orientation");
    const { mode, thicknessMm } = display.slab;
    const slab =
      thicknessMm > 0 ? texts("slab", { mode: texts(`slab-${mode}`), mm: thicknessMm.toFixed(1) }) : "";
    const slice = texts("slice", { n: this.indexOf(pane) + 1, total: this.countOf(pane) });
    const detail = this.#detailOf(pane);
    return [slice, position, slab, detail ? texts(detail) : ""];
  }

  /** What keeps this pane from showing full resolution, as the name of a text. */
  #detailOf(pane: Pane): "missing-slice" | "half-detail" | "reduced-detail" | null {
    const isAcross = this.#plane(pane).through.index !== 2;
    if (!isAcross && this.#scene.frames[this.indexOf(pane)] === null) return "missing-slice";
    const isSharp = isAcross
      ? this.#volume.slices.size === this.#scene.slices - this.#missing.size
      : this.#volume.slices.has(this.indexOf(pane));
    if (isSharp) return null;
    return this.#volume.reduced?.bits === 16 ? "half-detail" : "reduced-detail";
  }

  valueAt(pane: Pane, point: Point): number | null {
    const voxel = voxelOf(
      this.#plane(pane),
      { x: Math.round(point.x), y: Math.round(point.y) },
      this.indexOf(pane),
    );
    return this.#volume.valueAt(voxel);
  }
}

/** Until the server has looked at every value, the range of 12 bits has to do. */
function rangeOf({ range, intercept, slope }: SceneVolume): readonly [number, number] {
  return range ?? [intercept, intercept + 4095 * slope];
}

function makePane(
  template: HTMLTemplateElement,
  host: PictureHost,
  scene: SceneVolume,
  name: PlaneName,
): Pane {
  const pane = new Pane(template, name, host.texts(name));
  pane.sheet = makePlane(scene, name).sheet;
  return pane;
}
