/**
 * The list of measurements beside the picture, for eyes, screen readers and tests:
 *
 *     <ol data-results><li><button data-show><output data-measurement data-kind="length" data-value-mm="40.0">...
 */
import { type Measurement, type MeasureWords, type Reading, readingOf } from "./measure";

export interface ResultActions {
  show(measurement: Measurement): void;
  remove(measurement: Measurement): void;
  title(measurement: Measurement): string;
  removeLabel(text: string): string;
}

export function showResults(
  list: HTMLElement,
  measurements: readonly Measurement[],
  selectedId: number | null,
  words: MeasureWords,
  actions: ResultActions,
): void {
  list.replaceChildren(
    ...measurements.map((measurement) => {
      const item = makeItem(measurement, readingOf(measurement, words), actions);
      item.toggleAttribute("data-selected", measurement.id === selectedId);
      return item;
    }),
  );
}

function makeItem(measurement: Measurement, reading: Reading, actions: ResultActions): HTMLElement {
  const title = actions.title(measurement);
  const output = document.createElement("output");
  output.dataset.measurement = String(measurement.id);
  output.dataset.kind = measurement.kind;
  output.setAttribute(`data-value-${reading.unit}`, reading.value.toFixed(reading.unit === "px" ? 0 : 1));
  output.textContent = reading.text;
  const place = document.createElement("span");
  place.textContent = title;
  const show = button("show", () => actions.show(measurement), output, place);
  const remove = button("remove", () => actions.remove(measurement), "×");
  remove.setAttribute("aria-label", actions.removeLabel(`${title}: ${reading.text}`));
  const item = document.createElement("li");
  item.append(show, remove);
  return item;
}

function button(kind: string, act: () => void, ...content: (Node | string)[]): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.dataset.result = kind;
  element.append(...content);
  element.addEventListener("click", act);
  return element;
}
