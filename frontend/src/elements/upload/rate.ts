const WINDOW_MS = 8000;

interface Sample {
  atMs: number;
  bytes: number;
}

/** Speed over the last seconds: steady enough to read, quick enough to notice a slow line. */
export class Rate {
  private samples: Sample[] = [];

  /** Note how many bytes have gone in all; a fall (a batch that starts again) begins anew. */
  note(bytes: number, atMs: number): void {
    if (bytes < (this.samples.at(-1)?.bytes ?? 0)) this.samples = [];
    this.samples.push({ atMs, bytes });
    while (this.samples.length > 2 && atMs - (this.samples[0]?.atMs ?? atMs) > WINDOW_MS)
      this.samples.shift();
  }

  get bytesPerSecond(): number {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (!first || !last || last.atMs === first.atMs) return 0;
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
  }

  reset(): void {
    this.samples = [];
  }
}
