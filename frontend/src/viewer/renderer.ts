/** WebGL2: one canvas behind all panes, so that one texture of a volume serves all of them. */
import { type Film, showsTable } from "./films";
import { Program } from "./program";
import type { SceneImage } from "./scene";
import { FILM_FRAGMENT, PLANE_FRAGMENT, VERTEX } from "./shaders";
import { clamp } from "./sheet";
import type { FilmShot, PlaneShot } from "./shot";
import type { Bytes } from "./stored";
import { FilmTextures, VolumeTextures } from "./textures";
import { texelScale, type Volume } from "./volume";
import type { VoiFunction } from "./window";

/** A pane's place on the canvas, in CSS pixels from its top left corner. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** More device pixels than this show nothing more, and cost a phone its frame rate. */
const LARGEST_PIXEL_RATIO = 2;
const VOI: Readonly<Record<VoiFunction, number>> = { LINEAR: 0, LINEAR_EXACT: 1, SIGMOID: 2 };
const VOI_TABLE = 3;
const VOI_COLOUR = 4;

export class Renderer {
  readonly #canvas: HTMLCanvasElement;
  readonly #gl: WebGL2RenderingContext;
  #planeProgram: Program | null = null;
  #filmProgram: Program | null = null;
  #volume: { readonly model: Volume; readonly textures: VolumeTextures } | null = null;
  #film: { readonly model: Film; readonly image: SceneImage; readonly textures: FilmTextures } | null = null;
  #fence: WebGLSync | null = null;
  #ratio = 1;

  private constructor(canvas: HTMLCanvasElement, gl: WebGL2RenderingContext) {
    this.#canvas = canvas;
    this.#gl = gl;
  }

  /** Null where the browser has no WebGL2. */
  static create(canvas: HTMLCanvasElement): Renderer | null {
    const gl = canvas.getContext("webgl2", {
      alpha: false,
      antialias: false,
      depth: false,
      powerPreference: "high-performance",
    });
    return gl ? new Renderer(canvas, gl) : null;
  }

  get largestTexture(): number {
    return this.#gl.getParameter(this.#gl.MAX_3D_TEXTURE_SIZE) as number;
  }

  get largestFilm(): number {
    return this.#gl.getParameter(this.#gl.MAX_TEXTURE_SIZE) as number;
  }

  setVolume(model: Volume): void {
    this.clear();
    this.#volume = { model, textures: new VolumeTextures(this.#gl, model) };
    this.refreshReduced();
  }

  /** Prepare for slices of full resolution; may lower the volume's `detail` where the device has too little room. */
  makeRoom(): void {
    const { model, textures } = this.#volume ?? {};
    textures?.makeRoom();
    for (const [index, bytes] of model?.slices ?? []) textures?.setSlice(index, bytes);
  }

  /** Take over the smaller volume that the model has now. */
  refreshReduced(): void {
    const { model, textures } = this.#volume ?? {};
    if (model?.reduced) textures?.setReduced(model.reduced);
  }

  setSlice(index: number, bytes: Bytes): void {
    this.#volume?.textures.setSlice(index, bytes);
  }

  setFilm(model: Film, image: SceneImage): void {
    this.clear();
    const textures = new FilmTextures(this.#gl, model, image.Columns, image.Rows, image.voi_lut);
    this.#film = { model, image, textures };
  }

  /** After a lost context everything on the device is gone; memory still has it. */
  restore(): void {
    this.#planeProgram = null;
    this.#filmProgram = null;
    this.#fence = null;
    const [volume, film] = [this.#volume, this.#film];
    this.#volume = null;
    this.#film = null;
    if (volume) {
      const [inView] = volume.textures.block;
      this.setVolume(volume.model);
      this.makeRoom();
      const bytes = volume.model.slices.get(inView);
      if (bytes) this.setSlice(inView, bytes);
    }
    if (film) this.setFilm(film.model, film.image);
  }

  clear(): void {
    this.#volume?.textures.free();
    this.#film?.textures.free();
    this.#volume = null;
    this.#film = null;
  }

  /** Fit the canvas to its element and paint it black. */
  begin(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#ratio = Math.min(globalThis.devicePixelRatio || 1, LARGEST_PIXEL_RATIO);
    const width = Math.max(Math.round(clientWidth * this.#ratio), 1);
    const height = Math.max(Math.round(clientHeight * this.#ratio), 1);
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    this.#gl.disable(this.#gl.SCISSOR_TEST);
    this.#gl.clearColor(0, 0, 0, 1);
    this.#gl.clear(this.#gl.COLOR_BUFFER_BIT);
  }

  /** Mark the end of a drawing, for `isBusy`. */
  end(): void {
    this.#gl.deleteSync(this.#fence);
    this.#fence = this.#gl.fenceSync(this.#gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    this.#gl.flush();
  }

  /** True while the device still works on the last drawing. */
  get isBusy(): boolean {
    if (!this.#fence || this.#gl.isContextLost()) return false;
    return this.#gl.getSyncParameter(this.#fence, this.#gl.SYNC_STATUS) === this.#gl.UNSIGNALED;
  }

  /** Wait until the device has really drawn: for measuring only. */
  finish(): void {
    this.#gl.readPixels(0, 0, 1, 1, this.#gl.RGBA, this.#gl.UNSIGNED_BYTE, new Uint8Array(4));
  }

  drawPlane(rect: Rect, shot: PlaneShot): void {
    if (!this.#volume) return;
    const { model, textures } = this.#volume;
    const { scene, reduced } = model;
    const perPixel = (vector: readonly number[]) => vector.map((component) => component / this.#ratio);
    this.#planeProgram ??= new Program(this.#gl, VERTEX, PLANE_FRAGMENT);
    const program = this.#planeProgram;
    program.use();
    textures.bind();
    program.integers({
      uFull: 0,
      uReduced: 1,
      uLoaded: 2,
      uSteps: shot.steps,
      uMode: shot.mode,
      uHasReduced: textures.hasReduced,
      uInvert: shot.isInverted,
    });
    program.floats({
      uDims: [scene.columns, scene.rows, scene.slices],
      uOrigin: shot.origin,
      uRight: perPixel(shot.right),
      uDown: perPixel(shot.down),
      uThrough: shot.through,
      uCorner: this.#place(rect),
      uBlock: textures.block,
      uFullScale: texelScale(scene.bits_allocated === 8 ? 8 : 16, model.offset, scene.slope, scene.intercept),
      uReducedScale: reduced?.scale ?? [0, 0, 0],
      uReducedDepth: reduced?.depth ?? 1,
      uWindow: [shot.window.center, shot.window.width],
    });
    this.#gl.drawArrays(this.#gl.TRIANGLES, 0, 3);
  }

  drawFilm(rect: Rect, shot: FilmShot, voi: VoiFunction): void {
    if (!this.#film) return;
    const { model, image, textures } = this.#film;
    const step = [shot.step.x / this.#ratio, shot.step.y / this.#ratio] as const;
    const grey = model.kind === "grey" ? model : null;
    this.#filmProgram ??= new Program(this.#gl, VERTEX, FILM_FRAGMENT);
    const program = this.#filmProgram;
    program.use();
    textures.bind();
    program.integers({
      uFilm: 0,
      uTable: 1,
      uTaps: clamp(Math.ceil(Math.max(...step)), 1, 8),
      uVoi: grey ? (showsTable(grey, image, shot.window) ? VOI_TABLE : VOI[voi]) : VOI_COLOUR,
      uInvert: shot.isInverted,
    });
    program.floats({
      uDims: [image.Columns, image.Rows],
      uOrigin: [shot.origin.x, shot.origin.y],
      uStep: step,
      uCorner: this.#place(rect),
      uFullScale: texelScale(grey?.bits ?? 8, grey?.offset ?? 0, image.slope, image.intercept),
      uWindow: [shot.window.center, shot.window.width],
      uTableRange: [image.voi_lut?.first ?? 0, image.voi_lut?.data.length ?? 1],
    });
    this.#gl.drawArrays(this.#gl.TRIANGLES, 0, 3);
  }

  /** Draw only inside the pane; answers its top left corner in the canvas's own pixels, y upwards. */
  #place(rect: Rect): [number, number] {
    const left = rect.x * this.#ratio;
    const top = this.#canvas.height - rect.y * this.#ratio;
    const right = Math.round(left + rect.width * this.#ratio);
    const bottom = Math.round(top - rect.height * this.#ratio);
    const [x, width, height] = [Math.round(left), right - Math.round(left), Math.round(top) - bottom];
    this.#gl.enable(this.#gl.SCISSOR_TEST);
    this.#gl.scissor(x, bottom, width, height);
    this.#gl.viewport(x, bottom, width, height);
    return [left, top];
  }
}
