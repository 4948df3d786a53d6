/** Textures of a volume and of a film, kept on the device. */
import type { Film } from "./films";
import type { SceneVolume, VoiTable } from "./scene";
import type { Bytes } from "./stored";
import type { Detail, Reduced, Volume } from "./volume";

type Gl = WebGL2RenderingContext;

/** What the shader knows of each slice. */
const [NOT_LOADED, MISSING, LOADED] = [0, 128, 255] as const;

/** Rows of a VOI table, which may have 65,536 entries: more than any device allows as a width. */
const TABLE_WIDTH = 2048;

function make(gl: Gl, target: number, filter: number): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(target, texture);
  gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, filter);
  gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, filter);
  gl.texParameteri(target, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(target, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  gl.texParameteri(target, gl.TEXTURE_WRAP_R, gl.CLAMP_TO_EDGE);
  return texture;
}

export class VolumeTextures {
  readonly #gl: Gl;
  readonly #volume: Volume;
  #full: WebGLTexture;
  readonly #loaded: WebGLTexture;
  #reduced: WebGLTexture;
  /** First slice of the block of full resolution, and how many it holds. */
  #start = 0;
  #depth = 0;
  hasReduced = false;

  constructor(gl: Gl, volume: Volume) {
    this.#gl = gl;
    this.#volume = volume;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    this.#full = this.#allocate();
    this.#loaded = make(gl, gl.TEXTURE_2D, gl.NEAREST);
    const marks = new Uint8Array(volume.scene.frames.map((frame) => (frame === null ? MISSING : NOT_LOADED)));
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, marks.length, 1, 0, gl.RED, gl.UNSIGNED_BYTE, marks);
    this.#reduced = make(gl, gl.TEXTURE_3D, gl.LINEAR);
    gl.texImage3D(gl.TEXTURE_3D, 0, gl.R8, 1, 1, 1, 0, gl.RED, gl.UNSIGNED_BYTE, null);
  }

  get block(): readonly [number, number] {
    return [this.#start, this.#depth];
  }

  /**
   * Make room for full resolution: it takes longer than the preview may wait.
   *
   * A device that refuses the whole volume holds the slice in view only, and the volume's `detail` says so.
   */
  makeRoom(): void {
    this.#gl.deleteTexture(this.#full);
    this.#mark(this.#start, NOT_LOADED);
    this.#start = 0;
    this.#depth = blockDepth(this.#volume.detail, this.#volume.scene);
    this.#full = this.#allocate();
    if (this.#gl.getError() !== this.#gl.OUT_OF_MEMORY || this.#depth <= 1) return;
    this.#volume.detail = "near";
    this.makeRoom();
  }

  #allocate(): WebGLTexture {
    const gl = this.#gl;
    const { columns, rows } = this.#volume.scene;
    const texture = make(gl, gl.TEXTURE_3D, gl.LINEAR);
    if (this.#depth === 0) gl.texStorage3D(gl.TEXTURE_3D, 1, gl.R8, 1, 1, 1);
    else gl.texStorage3D(gl.TEXTURE_3D, 1, this.#format, columns, rows, this.#depth);
    return texture;
  }

  get #is8Bit(): boolean {
    return this.#volume.scene.bits_allocated === 8;
  }

  get #format(): number {
    return this.#is8Bit ? this.#gl.R8 : this.#gl.RG8;
  }

  setReduced({ bytes, bits, columns, rows, slices }: Reduced): void {
    const gl = this.#gl;
    const [stored, layout] = bits === 8 ? [gl.R8, gl.RED] : [gl.RG8, gl.RG];
    gl.deleteTexture(this.#reduced);
    this.#reduced = make(gl, gl.TEXTURE_3D, gl.LINEAR);
    gl.texImage3D(gl.TEXTURE_3D, 0, stored, columns, rows, slices, 0, layout, gl.UNSIGNED_BYTE, bytes);
    this.hasReduced = true;
  }

  /** Put a slice in its place; in a block of one, it takes the place of the one before. */
  setSlice(index: number, bytes: Bytes): void {
    const gl = this.#gl;
    const { columns, rows } = this.#volume.scene;
    if (this.#depth === 0) return;
    if (this.#depth === 1) {
      this.#mark(this.#start, NOT_LOADED);
      this.#start = index;
    }
    const at = index - this.#start;
    const layout = this.#is8Bit ? gl.RED : gl.RG;
    gl.bindTexture(gl.TEXTURE_3D, this.#full);
    gl.texSubImage3D(gl.TEXTURE_3D, 0, 0, 0, at, columns, rows, 1, layout, gl.UNSIGNED_BYTE, bytes);
    this.#mark(index, LOADED);
  }

  #mark(index: number, mark: number): void {
    const gl = this.#gl;
    if (this.#volume.scene.frames[index] === null) return;
    gl.bindTexture(gl.TEXTURE_2D, this.#loaded);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, index, 0, 1, 1, gl.RED, gl.UNSIGNED_BYTE, new Uint8Array([mark]));
  }

  bind(): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_3D, this.#full);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_3D, this.#reduced);
    gl.activeTexture(gl.TEXTURE2);
    gl.bindTexture(gl.TEXTURE_2D, this.#loaded);
    gl.activeTexture(gl.TEXTURE0);
  }

  free(): void {
    for (const texture of [this.#full, this.#reduced, this.#loaded]) this.#gl.deleteTexture(texture);
  }
}

function blockDepth(detail: Detail, scene: SceneVolume): number {
  if (detail === "preview") return 0;
  return detail === "whole" ? scene.slices : 1;
}

export class FilmTextures {
  readonly #gl: Gl;
  readonly #film: WebGLTexture;
  readonly #table: WebGLTexture;

  constructor(gl: Gl, film: Film, width: number, height: number, table: VoiTable | null) {
    this.#gl = gl;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    this.#film = make(gl, gl.TEXTURE_2D, gl.LINEAR);
    if (film.kind === "colour") {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, film.bitmap);
    } else {
      const [stored, layout] = film.bits === 8 ? [gl.R8, gl.RED] : [gl.RG8, gl.RG];
      gl.texImage2D(gl.TEXTURE_2D, 0, stored, width, height, 0, layout, gl.UNSIGNED_BYTE, film.bytes);
    }
    this.#table = make(gl, gl.TEXTURE_2D, gl.NEAREST);
    const levels = tableLevels(table);
    const lines = levels.length / TABLE_WIDTH;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, TABLE_WIDTH, lines, 0, gl.RED, gl.FLOAT, levels);
  }

  bind(): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.#table);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#film);
  }

  free(): void {
    for (const texture of [this.#film, this.#table]) this.#gl.deleteTexture(texture);
  }
}

/** Entries of a VOI LUT from 0 to 1 (PS3.3 C.11.2.1.1), filled up to whole rows of the texture. */
function tableLevels(table: VoiTable | null): Float32Array {
  const entries = table?.data ?? [0];
  const levels = new Float32Array(Math.ceil(entries.length / TABLE_WIDTH) * TABLE_WIDTH);
  const most = 2 ** (table?.bits ?? 8) - 1;
  entries.forEach((entry, index) => {
    levels[index] = entry / most;
  });
  return levels;
}
