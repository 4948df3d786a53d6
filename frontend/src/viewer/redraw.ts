/** When to draw: with the next frame for what the reader does, at leisure for what arrives, or at once. */

/** While slices stream in, the picture is drawn anew at most this often: a software renderer needs the time. */
const LEISURE_MS = 250;

export class Redraw {
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly draw: () => void) {}

  soon(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.now());
  }

  later(): void {
    this.#timer ??= setTimeout(() => this.now(), LEISURE_MS);
  }

  now(): void {
    if (this.#frame !== 0) cancelAnimationFrame(this.#frame);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#frame = 0;
    this.#timer = null;
    this.draw();
  }
}
