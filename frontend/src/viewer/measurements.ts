/** The measurements of a study while it is open; they are kept in memory and nowhere else. */
import type { Measurement } from "./measure";
import type { Point } from "./sheet";

const LONGEST_HISTORY = 100;

export class Measurements {
  #all: readonly Measurement[] = [];
  #past: (readonly Measurement[])[] = [];
  #nextId = 1;
  selectedId: number | null = null;

  constructor(readonly onChange: () => void) {}

  get all(): readonly Measurement[] {
    return this.#all;
  }

  at(place: string): readonly Measurement[] {
    return this.#all.filter((measurement) => measurement.place === place);
  }

  find(id: number): Measurement | undefined {
    return this.#all.find((measurement) => measurement.id === id);
  }

  add(measurement: Omit<Measurement, "id">): Measurement {
    const added = { ...measurement, id: this.#nextId++ };
    this.#remember();
    this.selectedId = added.id;
    this.#set([...this.#all, added]);
    return added;
  }

  /** Remember where a drag began, so that one undo takes the whole drag back. */
  beginMove(): void {
    this.#remember();
  }

  movePoint(id: number, index: number, point: Point): void {
    this.selectedId = id;
    this.#set(
      this.#all.map((measurement) =>
        measurement.id === id
          ? { ...measurement, points: measurement.points.map((old, i) => (i === index ? point : old)) }
          : measurement,
      ),
    );
  }

  select(id: number | null): void {
    this.selectedId = id;
    this.onChange();
  }

  /** Remove one measurement: the selected one unless named, else the last. Answers whether there was one. */
  remove(id = this.selectedId ?? this.#all.at(-1)?.id): boolean {
    if (id === undefined || !this.find(id)) return false;
    this.#remember();
    this.selectedId = null;
    this.#set(this.#all.filter((measurement) => measurement.id !== id));
    return true;
  }

  /** Forget everything, the history too. */
  clear(): void {
    this.#past = [];
    this.selectedId = null;
    this.#set([]);
  }

  undo(): boolean {
    const before = this.#past.pop();
    if (!before) return false;
    this.selectedId = null;
    this.#set(before);
    return true;
  }

  #remember(): void {
    this.#past = [...this.#past.slice(1 - LONGEST_HISTORY), this.#all];
  }

  #set(all: readonly Measurement[]): void {
    this.#all = all;
    this.onChange();
  }
}
