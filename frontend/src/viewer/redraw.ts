/** When to draw: with the next frame for what the reader does, at leisure for what arrives, or at once. */

/** While slices stream in, the picture is drawn anew at most this often. */
const LEISURE_MS = 250;
/** A software renderer that is still busy with the last drawing gets so much more time: slices come first. */
const PATIENCE = 4;

export class Redraw {
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    readonly draw: () => void,
    readonly isBusy: () => boolean,
  ) {}

  soon(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.now());
  }

  later(): void {
    this.#timer ??= setTimeout(() => this.#attempt(LEISURE_MS), LEISURE_MS);
  }

  #attempt(waitedMs: number): void {
    if (!this.isBusy()) this.now();
    else this.#timer = setTimeout(() => this.#attempt(waitedMs * PATIENCE), waitedMs * PATIENCE);
  }

  now(): void {
    if (this.#frame !== 0) cancelAnimationFrame(this.#frame);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#frame = 0;
    this.#timer = null;
    this.draw();
  }
}
