/** The scene: what the server says about a study, in the words of the standard, and where its pixels are. */
import { ViewerError } from "./problem";
import { request, withRetry } from "./request";

export type Vec3 = readonly [number, number, number];

export interface GreyWindow {
  readonly center: number;
  readonly width: number;
}

export interface ScenePreview {
  readonly url: string;
  readonly columns: number;
  readonly rows: number;
  readonly slices: number;
  readonly low: number;
  readonly high: number;
}

/** A volume of half the resolution, for devices that do not load the whole: signed, 16 bit. */
export interface SceneHalf {
  readonly url: string;
  readonly columns: number;
  readonly rows: number;
  readonly slices: number;
}

export interface SceneVolume {
  readonly columns: number;
  readonly rows: number;
  readonly slices: number;
  /** Between columns, between rows, between slices. */
  readonly spacing_mm: Vec3;
  readonly is_calibrated: boolean;
  readonly origin_mm: Vec3;
  readonly row_cosine: Vec3;
  readonly column_cosine: Vec3;
  readonly normal: Vec3;
  readonly slope: number;
  readonly intercept: number;
  readonly bits_allocated: number;
  /** Absent where a series was prepared before it was told. */
  readonly bits_stored?: number;
  readonly is_signed: boolean;
  readonly window: GreyWindow | null;
  /** Least and greatest value; null, like the window and the preview, while the series is being prepared. */
  readonly range: readonly [number, number] | null;
  readonly preview: ScenePreview | null;
  readonly half: SceneHalf | null;
  /** The slices along the normal; null where one is missing. */
  readonly frames: readonly (string | null)[];
}

/** (0028,3010) VOI LUT Sequence: `first` is the value mapped to the first entry, `bits` the depth of an entry. */
export interface VoiTable {
  readonly first: number;
  readonly bits: number;
  readonly data: readonly number[];
}

export interface SceneImage {
  readonly SOPInstanceUID: string;
  readonly frame: number;
  readonly Rows: number;
  readonly Columns: number;
  readonly BitsAllocated: number;
  readonly BitsStored: number;
  readonly PixelRepresentation: number;
  /** A stored value that is no measurement, but fills up the image (PS3.3 C.7.5.1.1.2). */
  readonly PixelPaddingValue: number | null;
  /** Colour, palettes and odd depths come rendered (PS3.18 10.4.1.1.3); grey values come raw, to be windowed here. */
  readonly is_raw_grey: boolean;
  /** The lowest value is shown white (PS3.3 C.7.6.3.1.2, C.11.6). */
  readonly is_inverse: boolean;
  readonly slope: number;
  readonly intercept: number;
  readonly window: GreyWindow | null;
  readonly voi_function: string | null;
  readonly voi_lut: VoiTable | null;
  /** Between columns, between rows: the order of a volume's spacing. */
  readonly spacing_mm: readonly [number, number] | null;
  readonly spacing_kind: "calibrated" | "detector" | "none";
  readonly spacing_note: string | null;
  readonly orientation: { readonly row: Vec3; readonly column: Vec3 } | null;
  readonly PatientOrientation: readonly string[] | null;
  readonly InstanceNumber: number | null;
}

export interface SceneSeries {
  readonly id: string;
  readonly SeriesInstanceUID: string;
  readonly Modality: string;
  readonly SeriesNumber: number | null;
  readonly SeriesDescription: string;
  readonly kind: "volume" | "images" | "document" | "preparing";
  readonly warnings: readonly string[];
  readonly volume?: SceneVolume | null;
  readonly images?: readonly SceneImage[] | null;
}

export interface Scene {
  readonly study: {
    readonly id: string;
    readonly StudyInstanceUID: string;
    readonly StudyDate: string | null;
    readonly StudyDescription: string;
    readonly AccessionNumber: string;
  };
  readonly patient: {
    readonly name: string;
    readonly id: string;
    readonly birth_date: string | null;
    readonly sex: string | null;
  };
  readonly rights: { readonly download: boolean };
  readonly dicomweb: string;
  /** Where what networks found is asked for; null for readers who may not see suggestions. */
  readonly findings_url: string | null;
  readonly notice: string;
  readonly series: readonly SceneSeries[];
}

const POLL_MS = 2000;

export async function loadScene(url: string, signal: AbortSignal): Promise<Scene> {
  const response = await request(url, { accept: "application/json", signal });
  const scene = (await response.json()) as SentScene;
  if (!Array.isArray(scene.series)) throw new ViewerError("incomplete");
  return { ...scene, series: scene.series.map(withTables).flatMap(parted) };
}

/** What is sent: each VOI LUT of a series once, and images with its number in the list. */
interface SentSeries extends Omit<SceneSeries, "images"> {
  readonly voi_luts: readonly VoiTable[];
  readonly images: readonly (Omit<SceneImage, "voi_lut"> & { readonly voi_lut: number | null })[];
}

interface SentScene extends Omit<Scene, "series"> {
  readonly series: readonly SentSeries[];
}

function withTables({ voi_luts, images, ...series }: SentSeries): SceneSeries {
  const tableOf = (index: number | null) => (index === null ? null : (voi_luts[index] ?? null));
  return { ...series, images: images.map((image) => ({ ...image, voi_lut: tableOf(image.voi_lut) })) };
}

/** A volume's series may hold images beside it, such as scouts: they get an entry of their own. */
function parted(series: SceneSeries): SceneSeries[] {
  if (series.kind === "volume" && !series.volume) return [{ ...series, kind: "images" }];
  if (series.kind !== "volume" || !series.images?.length) return [series];
  return [
    { ...series, images: [] },
    { ...series, id: `${series.id}-images`, kind: "images", volume: null, warnings: [] },
  ];
}

/** Ask again until the server has prepared what is waited for, which it does right after a series has arrived. */
export async function waitForSeries(
  url: string,
  seriesId: string,
  isReady: (series: SceneSeries) => boolean,
  signal: AbortSignal,
): Promise<SceneSeries | null> {
  while (!signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const scene = await withRetry(() => loadScene(url, signal), signal);
    const series = scene.series.find(({ id }) => id === seriesId);
    if (series && isReady(series)) return series;
  }
  return null;
}

/** PS3.18 10.4: the resources of a study below the DICOMweb root. */
export function seriesUrl(scene: Scene, series: SceneSeries): string {
  return `${scene.dicomweb}/studies/${scene.study.StudyInstanceUID}/series/${series.SeriesInstanceUID}`;
}

export function frameUrl(scene: Scene, series: SceneSeries, frame: string): string {
  return `${seriesUrl(scene, series)}/instances/${frame}`;
}

/** The series that a reader wants first: the one that the address names, else the largest volume, else the first images. */
export function firstSeries(scene: Scene): SceneSeries | undefined {
  const named = scene.series.find(({ id }) => `#${id}` === location.hash);
  if (named) return named;
  const volumes = scene.series.filter((series) => series.kind === "volume" && series.volume);
  volumes.sort((a, b) => (b.volume?.slices ?? 0) - (a.volume?.slices ?? 0));
  return volumes[0] ?? scene.series.find((series) => series.kind === "images") ?? scene.series[0];
}
