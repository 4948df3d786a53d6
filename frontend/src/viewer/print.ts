/** A view as one PNG, with who it shows and what it is not burned in; and the same on paper. */
import { type DrawnMeasurement, labelAnchor } from "./overlay";
import type { EdgeLetters } from "./plane";
import type { Rect } from "./renderer";
import type { Size } from "./sheet";

export interface PrintedView {
  readonly canvas: HTMLCanvasElement;
  readonly rect: Rect;
  readonly head: readonly string[];
  readonly foot: readonly string[];
  readonly notice: string;
  readonly letters: EdgeLetters | null;
  readonly measurements: readonly DrawnMeasurement[];
}

const LINE = 18;
const FONT = "13px system-ui, sans-serif";
const MARGIN = 10;

/** Draw the pane between a head (patient, study) and a foot (slice, window, intended use). */
export function composeView(view: PrintedView): HTMLCanvasElement {
  const ratio = view.canvas.width / Math.max(view.canvas.clientWidth, 1);
  const paper = document.createElement("canvas");
  const pen = paper.getContext("2d") as CanvasRenderingContext2D;
  pen.font = FONT;
  const fits = (line: string) => pen.measureText(line).width <= view.rect.width - 2 * MARGIN;
  const head = view.head.flatMap((text) => wrap(text, fits));
  const foot = [...view.foot, view.notice].flatMap((text) => wrap(text, fits));
  const above = head.length * LINE + MARGIN;
  const below = foot.length * LINE + MARGIN;
  paper.width = Math.round(view.rect.width * ratio);
  paper.height = Math.round((view.rect.height + above + below) * ratio);
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, paper.width, paper.height);
  pen.scale(ratio, ratio);
  drawPicture(pen, view, above, ratio);
  pen.font = FONT;
  pen.fillStyle = "#fff";
  drawLines(pen, head, LINE);
  drawLines(pen, foot, above + view.rect.height + LINE);
  pen.translate(0, above);
  if (view.letters) drawLetters(pen, view.letters, view.rect);
  for (const measurement of view.measurements) drawMeasurement(pen, measurement, view.rect);
  return paper;
}

function drawPicture(
  pen: CanvasRenderingContext2D,
  { canvas, rect }: PrintedView,
  top: number,
  ratio: number,
): void {
  const { x, y, width, height } = rect;
  pen.drawImage(canvas, x * ratio, y * ratio, width * ratio, height * ratio, 0, top, width, height);
}

function drawLines(pen: CanvasRenderingContext2D, lines: readonly string[], top: number): void {
  lines.forEach((line, index) => {
    pen.fillText(line, MARGIN, top + index * LINE);
  });
}

function drawLetters(pen: CanvasRenderingContext2D, letters: EdgeLetters, { width, height }: Rect): void {
  const places: readonly (readonly [string, number, number])[] = [
    [letters.left, 6, height / 2],
    [letters.right, width - 24, height / 2],
    [letters.top, width / 2, 16],
    [letters.bottom, width / 2, height - 8],
  ];
  for (const [letter, x, y] of places) pen.fillText(letter, x, y);
}

function drawMeasurement(pen: CanvasRenderingContext2D, measurement: DrawnMeasurement, pane: Size): void {
  const { points, text } = measurement;
  pen.strokeStyle = "#ffd84d";
  pen.lineWidth = 1.5;
  pen.beginPath();
  points.forEach(({ x, y }, index) => {
    if (index === 0) pen.moveTo(x, y);
    else pen.lineTo(x, y);
  });
  pen.stroke();
  const at = labelAnchor(measurement, pane);
  pen.fillStyle = "#ffd84d";
  pen.fillText(text, at.x, at.y);
}

/** Break a text into lines that fit, at spaces. */
export function wrap(text: string, fits: (line: string) => boolean): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    const longer = `${last} ${word}`;
    if (last !== undefined && fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The name of the file tells nothing about the patient. */
export async function saveView(paper: HTMLCanvasElement, name: string): Promise<void> {
  const url = await pngUrl(paper);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Print through an element that only the print style sheet shows. */
export async function printView(paper: HTMLCanvasElement, sheet: HTMLElement): Promise<void> {
  const url = await pngUrl(paper);
  const image = document.createElement("img");
  image.alt = "";
  image.src = url;
  sheet.replaceChildren(image);
  await image.decode();
  globalThis.addEventListener(
    "afterprint",
    () => {
      sheet.replaceChildren();
      URL.revokeObjectURL(url);
    },
    { once: true },
  );
  globalThis.print();
}

async function pngUrl(paper: HTMLCanvasElement): Promise<string> {
  const blob = await new Promise<Blob | null>((resolve) => paper.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("no PNG");
  return URL.createObjectURL(blob);
}
