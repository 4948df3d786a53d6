/** Objects for the tests of the viewer: a small volume, a small film, a pane. */
import { Pane } from "./pane";
import type { GreyWindow, Scene, SceneImage, SceneSeries, SceneVolume } from "./scene";

/** Ten columns, twenty rows, thirty slices of 0.5, 0.4 and 0.3 mm, lying as an axial scan of a supine patient. */
export function makeVolume(changes: Partial<SceneVolume> = {}): SceneVolume {
  return {
    columns: 10,
    rows: 20,
    slices: 30,
    spacing_mm: [0.5, 0.4, 0.3],
    is_calibrated: true,
    origin_mm: [-2, -4, 100],
    row_cosine: [1, 0, 0],
    column_cosine: [0, 1, 0],
    normal: [0, 0, 1],
    slope: 1,
    intercept: -1000,
    bits_allocated: 16,
    is_signed: false,
    window: { center: 400, width: 2000 },
    range: [-1000, 3095],
    preview: null,
    half: null,
    frames: Array.from({ length: 30 }, (_, index) => `1.2.${index}/frames/1`),
    ...changes,
  };
}

export function makeImage(changes: Partial<SceneImage> = {}): SceneImage {
  return {
    SOPInstanceUID: "1.2.3",
    frame: 1,
    Rows: 2,
    Columns: 3,
    BitsAllocated: 16,
    BitsStored: 12,
    PixelRepresentation: 0,
    PixelPaddingValue: null,
    is_raw_grey: true,
    is_inverse: false,
    slope: 1,
    intercept: 0,
    window: null,
    voi_function: "LINEAR",
    voi_lut: null,
    spacing_mm: [0.1, 0.2],
    spacing_kind: "calibrated",
    spacing_note: null,
    orientation: null,
    PatientOrientation: null,
    InstanceNumber: 1,
    ...changes,
  };
}

export function makeSeries(changes: Partial<SceneSeries> = {}): SceneSeries {
  return {
    id: "series-1",
    SeriesInstanceUID: "1.2.840.1",
    Modality: "CT",
    SeriesNumber: 1,
    SeriesDescription: "",
    kind: "volume",
    warnings: [],
    volume: makeVolume(),
    images: [],
    ...changes,
  };
}

export function makeScene(series: readonly SceneSeries[]): Scene {
  return {
    study: {
      id: "study-1",
      StudyInstanceUID: "1.2.840",
      StudyDate: "2026-10-02",
      StudyDescription: "Both jaws",
      AccessionNumber: "",
    },
    patient: { name: "Doe, Jane", id: "P-1", birth_date: "1980-01-01", sex: "F" },
    rights: { download: true },
    dicomweb: "/dicom-web",
    findings_url: null,
    notice: "Not for diagnosis.",
    series,
  };
}

export function makeTemplate(): HTMLTemplateElement {
  const template = document.createElement("template");
  template.innerHTML =
    '<section class="pane"><svg class="overlay"></svg><h2 data-pane-name></h2><input type="range"></section>';
  return template;
}

/** A pane of 400 by 300 pixels, which a document without a layout cannot measure itself. */
export function makePane(name = "axial"): Pane {
  const pane = new Pane(makeTemplate(), name, "Axial");
  pane.element.getBoundingClientRect = () => new DOMRect(0, 0, 400, 300);
  return pane;
}

/** What the shader shows of a value, from 0 (black) to 1 (white): PS3.3 C.11.2.1.2.1 LINEAR. */
export function greyOf(value: number, { center, width }: GreyWindow): number {
  return Math.min(Math.max((value - (center - 0.5)) / (width - 1) + 0.5, 0), 1);
}

/** A device that remembers which slice was put where, and what the shader is told of each. */
export function makeDevice(slices: number) {
  const places: number[] = [];
  const marks = new Uint8Array(slices);
  const gl: Record<string, unknown> = {
    createTexture: () => ({}),
    getError: () => 0,
    texStorage3D: () => places.splice(0),
    texSubImage3D: (...[, , , , at]: number[]) => places.push(at ?? Number.NaN),
    texSubImage2D: (...values: unknown[]) => marks.set(values[8] as Uint8Array, values[2] as number),
  };
  const device = new Proxy(gl, { get: (known, name: string) => known[name] ?? (() => undefined) });
  return { gl: device as unknown as WebGL2RenderingContext, places, marks };
}
