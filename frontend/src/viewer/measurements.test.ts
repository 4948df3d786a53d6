import { beforeEach, describe, expect, test, vi } from "vitest";
import { beginDraft, isDone, visiblePoints, withPoint } from "./draft";
import { Measurements } from "./measurements";
import { makePane } from "./testing";

const onChange = vi.fn();
let measurements: Measurements;

const LENGTH = {
  kind: "length",
  points: [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
  ],
  place: "series/axial/3",
  calibration: { kind: "calibrated", spacing: [1, 1] },
} as const;

beforeEach(() => {
  onChange.mockReset();
  measurements = new Measurements(onChange);
});

describe("measurements", () => {
  test("belong to the slice they were drawn on", () => {
    measurements.add(LENGTH);
    expect(measurements.at("series/axial/3")).toHaveLength(1);
    expect(measurements.at("series/axial/4")).toHaveLength(0);
  });

  test("are chosen when they are new", () => {
    const { id } = measurements.add(LENGTH);
    expect(measurements.selectedId).toBe(id);
  });

  test("tell of every change", () => {
    measurements.add(LENGTH);
    measurements.remove();
    measurements.undo();
    expect(onChange).toHaveBeenCalledTimes(3);
  });

  test("go one by one, the last first, where none is chosen", () => {
    const first = measurements.add(LENGTH);
    measurements.add(LENGTH);
    measurements.select(null);
    measurements.remove();
    expect(measurements.all.map(({ id }) => id)).toEqual([first.id]);
  });

  test("that are chosen go first", () => {
    const first = measurements.add(LENGTH);
    const second = measurements.add(LENGTH);
    measurements.select(first.id);
    measurements.remove();
    expect(measurements.all.map(({ id }) => id)).toEqual([second.id]);
  });

  test("come back by undo", () => {
    const { id } = measurements.add(LENGTH);
    measurements.remove(id);
    expect(measurements.undo()).toBe(true);
    expect(measurements.find(id)).toBeDefined();
  });

  test("take a whole drag back by one undo", () => {
    const { id } = measurements.add(LENGTH);
    measurements.beginMove();
    measurements.movePoint(id, 1, { x: 11, y: 0 });
    measurements.movePoint(id, 1, { x: 25, y: 4 });
    measurements.undo();
    expect(measurements.find(id)?.points[1]).toEqual({ x: 10, y: 0 });
  });

  test("have nothing to undo or delete in the beginning", () => {
    expect(measurements.undo()).toBe(false);
    expect(measurements.remove()).toBe(false);
  });

  test("are gone for good when they are cleared", () => {
    measurements.add(LENGTH);
    measurements.clear();
    expect(measurements.all).toHaveLength(0);
    expect(measurements.undo()).toBe(false);
  });
});

describe("a draft", () => {
  const pane = makePane();

  test("follows the hand with its last point", () => {
    const draft = { ...beginDraft("length", pane, "p", { x: 1, y: 1 }), hover: { x: 5, y: 5 } };
    expect(visiblePoints(draft)).toEqual([
      { x: 1, y: 1 },
      { x: 5, y: 5 },
    ]);
  });

  test("of a length is done with two points, of an angle with three", () => {
    const at = { x: 2, y: 2 };
    expect(isDone(withPoint(beginDraft("length", pane, "p", at), at))).toBe(true);
    const angle = withPoint(beginDraft("angle", pane, "p", at), at);
    expect(isDone(angle)).toBe(false);
    expect(isDone(withPoint(angle, at))).toBe(true);
  });

  test("that is done shows no further point", () => {
    const done = withPoint(beginDraft("length", pane, "p", { x: 1, y: 1 }), { x: 2, y: 2 });
    expect(visiblePoints(done)).toHaveLength(2);
  });
});
