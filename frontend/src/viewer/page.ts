/** The viewer's page as the server made it: every element that the scripts need, looked up once. */
import { type Problem, problemOf } from "./problem";
import { readTexts, type Texts } from "./texts";

export type LoadState = "loading" | "preview" | "full" | "error";

/** All planes are drawn; the first film is; all of the resolution that this device loads by itself is drawn. */
export type Mark = "viewer-planes" | "viewer-film" | "viewer-full";

export class Page {
  readonly root: HTMLElement;
  readonly texts: Texts;
  readonly canvas: HTMLCanvasElement;
  readonly paneTemplate: HTMLTemplateElement;

  constructor(root: HTMLElement) {
    this.root = root;
    this.texts = readTexts(this.part<HTMLTemplateElement>("#viewer-texts"));
    this.canvas = this.part<HTMLCanvasElement>("canvas[data-stage-canvas]");
    this.paneTemplate = this.part<HTMLTemplateElement>("#viewer-pane");
  }

  part<T extends Element = HTMLElement>(selector: string): T {
    const found = this.root.querySelector<T>(selector);
    if (!found) throw new Error(`the viewer's page lacks ${selector}`);
    return found;
  }

  all(selector: string): readonly HTMLElement[] {
    return [...this.root.querySelectorAll<HTMLElement>(selector)];
  }

  get sceneUrl(): string {
    return this.root.dataset.sceneUrl ?? "";
  }

  get isCompact(): boolean {
    return globalThis.matchMedia("(max-width: 800px), (max-height: 480px)").matches;
  }

  setState(state: LoadState): void {
    this.root.dataset.state = state;
    this.root.setAttribute("aria-busy", String(state === "loading"));
  }

  /** Say in the browser's own timeline (User Timing) how far the picture is, the first time that it is so far. */
  setMark(name: Mark): void {
    if (performance.getEntriesByName(name).length === 0) performance.mark(name);
  }

  announce(text: string): void {
    this.part("[data-live]").textContent = text;
  }

  showProgress(loaded: number, total: number): void {
    const bar = this.part<HTMLProgressElement>("progress[data-progress]");
    bar.max = total;
    bar.value = loaded;
    bar.hidden = loaded >= total;
  }

  showError(error: unknown): void {
    const problem: Problem = problemOf(error);
    this.setState("error");
    this.root.dataset.problem = problem;
    this.part("[data-error-title]").textContent = this.texts(`problem-${problem}`);
    this.part("[data-error-advice]").textContent = this.texts(`advice-${problem}`);
    this.part("[data-error]").hidden = false;
  }

  hideError(): void {
    delete this.root.dataset.problem;
    this.part("[data-error]").hidden = true;
  }
}
