/** What stands in the panes: the planes of a volume, or the films of a series. The tools know nothing more. */
import type { Calibration } from "./measure";
import type { Crosshair } from "./overlay";
import type { Pane } from "./pane";
import type { EdgeLetters } from "./plane";
import type { GreyWindow, Scene, SceneSeries } from "./scene";
import type { Point } from "./sheet";
import type { Slab } from "./shot";
import type { Texts } from "./texts";

/** How the reader wants grey values to be shown. */
export interface Display {
  window: GreyWindow;
  isInverted: boolean;
  slab: Slab;
}

/** What a picture tells the page while it loads. */
export interface PictureHost {
  readonly scene: Scene;
  readonly texts: Texts;
  readonly display: Display;
  redraw(): void;
  /** The same, at leisure: for pixels that stream in. */
  redrawLater(): void;
  /** Pixels arrived: something can be read, and later everything is there. */
  shown(state: "preview" | "full"): void;
  progress(loaded: number, total: number): void;
  failed(error: unknown): void;
}

export interface Picture {
  readonly series: SceneSeries;
  readonly panes: readonly Pane[];
  /** Values that occur, after slope and intercept. */
  readonly range: readonly [number, number];
  /** Windows by the name of their text; the first one is what the picture opens with. */
  readonly presets: Readonly<Record<string, GreyWindow>>;
  readonly hasSlab: boolean;
  readonly canWindow: boolean;
  /** Bytes still to fetch if the reader asks for full detail; 0 where nothing more can be had. */
  readonly bytesOfFullDetail: number;
  open(): Promise<void>;
  loadFullDetail?(): void;
  close(): void;
  draw(): void;
  countOf(pane: Pane): number;
  indexOf(pane: Pane): number;
  goTo(pane: Pane, index: number): void;
  /** Let all planes meet at this point of the pane's sheet. */
  pointAt?(pane: Pane, point: Point): void;
  crosshairOf(pane: Pane): (Omit<Crosshair, "slab"> & { readonly slabSpacing: Point }) | null;
  lettersOf(pane: Pane): EdgeLetters | null;
  calibrationOf(pane: Pane): Calibration;
  /** Identifies the slice or image in view; measurements belong to it. */
  placeOf(pane: Pane): string;
  /** Show the slice or image of a place; answers false if it lies in another series. */
  showPlace(place: string): boolean;
  /** "Axial, slice 12 of 330": for lists and for people who listen. */
  titleOf(pane: Pane): string;
  /** SOP Instance UID of the film in view. */
  instanceOf?(): string;
  linesOf(pane: Pane): readonly string[];
  valueAt(pane: Pane, point: Point): number | null;
  /** What is shown in place of a window: the image's own table. */
  windowNote?(): string | null;
}
