import { describe, expect, test } from "vitest";
import {
  anatomicalAxes,
  makePlane,
  nearestVoxel,
  oppositeLetters,
  orientationLetters,
  patientOf,
  planeLetters,
  sheetPointOf,
  slicePosition,
  stepOf,
  voxelAt,
  voxelOf,
} from "./plane";
import type { Vec3 } from "./scene";
import { makeVolume } from "./testing";

/** A coronal scan: rows run to the left, columns to the feet, slices to the back. */
const CORONAL = { row_cosine: [1, 0, 0], column_cosine: [0, 0, -1], normal: [0, 1, 0] } as const;
const cos20 = Math.cos((20 * Math.PI) / 180);
const sin20 = Math.sin((20 * Math.PI) / 180);
/** An axial scan of a head that is nodded by 20 degrees. */
const TILTED = {
  row_cosine: [1, 0, 0],
  column_cosine: [0, cos20, sin20],
  normal: [0, -sin20, cos20],
} as const;

describe("patient coordinates", () => {
  test("the first voxel lies at the image position", () => {
    expect(patientOf(makeVolume(), [0, 0, 0])).toEqual([-2, -4, 100]);
  });

  test("each index steps along its own direction by its own spacing", () => {
    const [x, y, z] = patientOf(makeVolume(), [2, 10, 5]);
    expect(x).toBeCloseTo(-1);
    expect(y).toBeCloseTo(0);
    expect(z).toBeCloseTo(101.5);
  });

  test("a voxel comes back from its place in the patient, also in a tilted volume", () => {
    const volume = makeVolume(TILTED);
    const [x, y, z] = voxelAt(volume, patientOf(volume, [3, 7, 11]));
    expect(x).toBeCloseTo(3);
    expect(y).toBeCloseTo(7);
    expect(z).toBeCloseTo(11);
  });

  test("the nearest voxel stays inside the volume", () => {
    expect(nearestVoxel(makeVolume(), [-4, 7.6, 99])).toEqual([0, 8, 29]);
  });
});

describe("planes of an axial scan", () => {
  test("the axial plane shows rows and columns as they are stored", () => {
    const plane = makePlane(makeVolume(), "axial");
    expect(plane.sheet).toEqual({ width: 10, height: 20, spacing: [0.5, 0.4] });
    expect(plane.slices).toBe(30);
    expect(plane.sliceSpacing).toBe(0.3);
  });

  test("the coronal plane has the head at the top although slices count upwards", () => {
    const plane = makePlane(makeVolume(), "coronal");
    expect(plane.sheet).toEqual({ width: 10, height: 30, spacing: [0.5, 0.3] });
    expect(sheetPointOf(plane, [0, 5, 29])).toEqual({ x: 0, y: 0 });
  });

  test("the sagittal plane has the face at the left", () => {
    const plane = makePlane(makeVolume(), "sagittal");
    expect(plane.sheet).toEqual({ width: 20, height: 30, spacing: [0.4, 0.3] });
    expect(sheetPointOf(plane, [4, 0, 29])).toEqual({ x: 0, y: 0 });
    expect(plane.slices).toBe(10);
  });

  test.each(["axial", "coronal", "sagittal"] as const)("a point of the %s sheet comes back", (name) => {
    const plane = makePlane(makeVolume(), name);
    const voxel = voxelOf(plane, { x: 3, y: 6 }, 2);
    expect(sheetPointOf(plane, voxel)).toEqual({ x: 3, y: 6 });
    expect(voxel[plane.through.index]).toBe(2);
  });

  test("letters stand at the sides where a reader expects them", () => {
    const volume = makeVolume();
    expect(planeLetters(volume, makePlane(volume, "axial"))).toEqual({
      left: "R",
      right: "L",
      top: "A",
      bottom: "P",
    });
    expect(planeLetters(volume, makePlane(volume, "coronal"))).toEqual({
      left: "R",
      right: "L",
      top: "H",
      bottom: "F",
    });
    expect(planeLetters(volume, makePlane(volume, "sagittal"))).toEqual({
      left: "A",
      right: "P",
      top: "H",
      bottom: "F",
    });
  });

  test("the position names the side of the patient's origin", () => {
    const volume = makeVolume();
    expect(slicePosition(volume, makePlane(volume, "axial"), [0, 0, 5])).toBe("H 101.5 mm");
    expect(slicePosition(volume, makePlane(volume, "sagittal"), [0, 0, 0])).toBe("R 2.0 mm");
  });
});

describe("planes of other scans", () => {
  test("a coronal scan is recognised by its directions", () => {
    expect(anatomicalAxes(makeVolume(CORONAL))).toEqual([0, 2, 1]);
  });

  test("the axial plane of a coronal scan walks through its rows", () => {
    const plane = makePlane(makeVolume(CORONAL), "axial");
    expect(plane.sheet).toEqual({ width: 10, height: 30, spacing: [0.5, 0.3] });
    expect(plane.slices).toBe(20);
  });

  test("slices that run to the feet are turned round on the screen", () => {
    const plane = makePlane(makeVolume({ normal: [0, 0, -1] }), "coronal");
    expect(sheetPointOf(plane, [0, 0, 0])).toEqual({ x: 0, y: 0 });
    expect(stepOf(plane.down)).toEqual([0, 0, 1]);
  });

  test("a scan that is stored mirrored still shows the patient's left at the right", () => {
    const plane = makePlane(makeVolume({ row_cosine: [-1, 0, 0] }), "axial");
    expect(sheetPointOf(plane, [9, 0, 0]).x).toBe(0);
  });

  test("a tilt of 20 degrees shows as a second letter", () => {
    const volume = makeVolume(TILTED);
    expect(planeLetters(volume, makePlane(volume, "axial")).bottom).toBe("PH");
    expect(planeLetters(volume, makePlane(volume, "axial")).top).toBe("AF");
  });
});

describe("orientation letters", () => {
  test.each<[Vec3, string]>([
    [[1, 0, 0], "L"],
    [[-1, 0, 0], "R"],
    [[0, 1, 0], "P"],
    [[0, -1, 0], "A"],
    [[0, 0, 1], "H"],
    [[0, 0, -1], "F"],
    [[0.6, -0.8, 0], "AL"],
    [[0.99, 0.1, 0.1], "L"],
  ])("%j points to %s", (direction, letters) => {
    expect(orientationLetters(direction)).toBe(letters);
  });

  test("the opposite turns every letter round", () => {
    expect(oppositeLetters("PHL")).toBe("AFR");
  });
});
