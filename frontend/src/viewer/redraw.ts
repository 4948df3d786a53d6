/** When to draw: with the next frame for what the reader does, at leisure for what arrives, or at once. */

/** While slices stream in, the picture is drawn anew at most this often. */
const LEISURE_MS = 250;
/** What arrives may take one part in so many of the device's time for drawing: a software renderer has little. */
const SHARE = 10;
/** A device that is still busy with the last drawing gets so much more time: slices come first. */
const PATIENCE = 4;
/** A page that nobody sees has no frames to wait for. */
const LONGEST_FRAME_MS = 500;

/** Resolve when the browser has shown what was drawn until now. */
export function presented(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, LONGEST_FRAME_MS);
    requestAnimationFrame(() => setTimeout(resolve));
  });
}

export class Redraw {
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #tookMs = 0;

  constructor(
    readonly draw: () => void,
    readonly isBusy: () => boolean,
  ) {}

  soon(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.now());
  }

  later(): void {
    const pause = Math.max(LEISURE_MS, SHARE * this.#tookMs);
    this.#timer ??= setTimeout(() => this.#attempt(LEISURE_MS), pause);
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
    const began = performance.now();
    this.draw();
    void presented().then(() => {
      this.#tookMs = performance.now() - began;
    });
  }
}
