import { describe, expect, test } from "vitest";
import { makePlane } from "./plane";
import { filmShot, planeShot, slabSteps } from "./shot";
import { makeVolume } from "./testing";

const LOOK = { window: { center: 0, width: 1 }, isInverted: false };
const PANE = { width: 100, height: 100 };
const SINGLE = { mode: "max", thicknessMm: 0 } as const;

describe("a plane's shot", () => {
  const plane = makePlane(makeVolume(), "coronal");
  const view = { centre: { x: 0, y: 0 }, scale: 10 };

  test("starts at the voxel in the corner of the pane", () => {
    const [x, y, z] = planeShot(plane, view, PANE, 7, SINGLE, LOOK).origin;
    expect(x).toBeCloseTo(-50 / 5);
    expect(y).toBe(7);
    expect(z).toBeCloseTo(29 + 50 / 3);
  });

  test("steps down towards the feet", () => {
    const shot = planeShot(plane, view, PANE, 7, SINGLE, LOOK);
    expect(shot.right[0]).toBeCloseTo(1 / 5);
    expect(shot.down[2]).toBeCloseTo(-1 / 3);
  });

  test("of a slab covers its thickness evenly", () => {
    const shot = planeShot(plane, view, PANE, 7, { mode: "mean", thicknessMm: 4 }, LOOK);
    expect(shot.steps).toBe(10);
    expect(shot.through[1]).toBeCloseTo(1);
    expect(shot.mode).toBe(0);
  });

  test("of a single slice takes one sample", () => {
    const shot = planeShot(plane, view, PANE, 7, SINGLE, LOOK);
    expect(shot.steps).toBe(1);
    expect(shot.through).toEqual([0, 0, 0]);
  });
});

describe("samples of a slab", () => {
  test.each([
    [0, 1],
    [0.1, 1],
    [10, 25],
    [500, 96],
  ])("%d mm of 0.4 mm slices take %d", (thickness, steps) => {
    expect(slabSteps(thickness, 0.4)).toBe(steps);
  });
});

test("a film's shot steps by its own pixels", () => {
  const sheet = { width: 10, height: 10, spacing: [0.1, 0.2] } as const;
  const shot = filmShot(sheet, { centre: { x: 4, y: 4 }, scale: 20 }, PANE, LOOK);
  expect(shot.step.x).toBeCloseTo(0.5);
  expect(shot.step.y).toBeCloseTo(0.25);
  expect(shot.origin.x).toBeCloseTo(4 - 25);
});
