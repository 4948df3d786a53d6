/** The reading desk: what is open, what is in the hand, and what has been measured. */
import type { Draft } from "./draft";
import type { MeasureWords } from "./measure";
import { Measurements } from "./measurements";
import type { Page } from "./page";
import type { Pane } from "./pane";
import type { Display, Picture } from "./picture";
import type { Scene } from "./scene";
import type { Point } from "./sheet";
import { SuggestionLayer } from "./suggestions";
import type { ToolName } from "./tools";

export class Desk {
  picture: Picture | null = null;
  activePane: Pane | null = null;
  tool: ToolName = "crosshair";
  draft: Draft | null = null;
  hover: { readonly pane: Pane; readonly at: Point } | null = null;
  hasLetterKeys = true;
  readonly display: Display = {
    window: { center: 128, width: 256 },
    isInverted: false,
    slab: { mode: "max", thicknessMm: 0 },
  };
  readonly measurements: Measurements;
  readonly words: MeasureWords;
  readonly suggestions: SuggestionLayer;

  constructor(
    readonly page: Page,
    readonly scene: Scene,
    readonly redraw: () => void,
    onMeasured: () => void,
  ) {
    this.measurements = new Measurements(onMeasured);
    this.suggestions = new SuggestionLayer(page, redraw);
    this.words = { uncalibrated: page.texts("uncalibrated"), detector: page.texts("detector") };
  }

  setTool(tool: ToolName): void {
    this.tool = tool;
    this.draft = null;
    this.page.root.dataset.tool = tool;
    for (const button of this.page.all("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
    this.redraw();
  }

  /** The pane that keys, maximising, printing and small screens are about. */
  activate(pane: Pane): void {
    this.activePane = pane;
    for (const other of this.picture?.panes ?? [])
      other.element.toggleAttribute("data-active", other === pane);
    for (const tab of this.page.all("[data-plane-tab]")) {
      tab.setAttribute("aria-selected", String(tab.dataset.planeTab === pane.name));
    }
    this.redraw();
  }

  setMaximised(isMaximised: boolean): void {
    this.page.part("[data-stage]").dataset.layout = isMaximised ? "one" : "planes";
    for (const button of this.page.all("[data-maximise]"))
      button.setAttribute("aria-pressed", String(isMaximised));
    this.redraw();
  }

  get isMaximised(): boolean {
    return this.page.part("[data-stage]").dataset.layout === "one";
  }
}
