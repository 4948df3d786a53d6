/** Slices, nearest to the crosshair first, a few requests at a time, until all (or all near ones) are there. */
import { isAbort } from "./problem";

export interface LoaderOptions {
  readonly count: number;
  /** Slices that do not exist. */
  readonly missing: ReadonlySet<number>;
  readonly fetchSlice: (index: number, signal: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;
  readonly onSlice: (index: number, bytes: Uint8Array<ArrayBuffer>) => void;
  readonly onError: (error: unknown) => void;
  /** Slices on each side of the focus that are wanted; Infinity for the whole volume. */
  readonly reach: number;
  /** HTTP/1.1 browsers open six connections to a host; on a slow line a few requests bring the first one sooner. */
  readonly atOnce: number;
}

export class SliceLoader {
  readonly #options: LoaderOptions;
  readonly #loaded = new Set<number>();
  readonly #running = new Map<number, AbortController>();
  #focus = 0;
  #isStopped = false;

  constructor(options: LoaderOptions) {
    this.#options = options;
  }

  get loadedCount(): number {
    return this.#loaded.size;
  }

  focus(index: number): void {
    this.#focus = index;
    for (const [running, controller] of this.#running) {
      if (Math.abs(running - index) > this.#options.reach) controller.abort();
    }
    this.#fill();
  }

  /** The slice is no longer held: it will be asked for again when it is wanted. */
  forget(index: number): void {
    this.#loaded.delete(index);
  }

  #has(index: number): boolean {
    return this.#loaded.has(index) || this.#options.missing.has(index);
  }

  stop(): void {
    this.#isStopped = true;
    for (const controller of this.#running.values()) controller.abort();
  }

  #fill(): void {
    const isTaken = (k: number) => this.#has(k) || this.#running.has(k);
    while (!this.#isStopped && this.#running.size < this.#options.atOnce) {
      const next = nearestMissing(this.#options.count, this.#focus, this.#options.reach, isTaken);
      if (next < 0) return;
      void this.#load(next);
    }
  }

  async #load(index: number): Promise<void> {
    const controller = new AbortController();
    this.#running.set(index, controller);
    try {
      const bytes = await this.#options.fetchSlice(index, controller.signal);
      if (this.#isStopped) return;
      this.#loaded.add(index);
      this.#options.onSlice(index, bytes);
    } catch (error) {
      if (!this.#isStopped && !isAbort(error)) this.#fail(error);
    } finally {
      this.#running.delete(index);
      this.#fill();
    }
  }

  #fail(error: unknown): void {
    this.stop();
    this.#options.onError(error);
  }
}

/** The missing slice nearest to the focus, below it before above it; -1 when none is missing within reach. */
export function nearestMissing(
  count: number,
  focus: number,
  reach: number,
  isTaken: (index: number) => boolean,
): number {
  const furthest = Math.min(reach, count);
  for (let distance = 0; distance <= furthest; distance++) {
    const below = focus - distance;
    if (below >= 0 && below < count && !isTaken(below)) return below;
    const above = focus + distance;
    if (above >= 0 && above < count && !isTaken(above)) return above;
  }
  return -1;
}
