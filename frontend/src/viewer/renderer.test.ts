import { expect, test, vi } from "vitest";
import { Renderer } from "./renderer";
import { makeDevice, makeVolume } from "./testing";
import { Volume } from "./volume";

test("after a lost context the slice in view is there again, not the last that arrived", () => {
  const scene = makeVolume({ slices: 6, frames: ["a", "b", "c", "d", "e", "f"] });
  const { gl, marks } = makeDevice(6);
  const canvas = document.createElement("canvas");
  vi.spyOn(canvas, "getContext").mockReturnValue(gl as never);
  const renderer = Renderer.create(canvas) as Renderer;
  const volume = new Volume(scene, "near");
  for (const index of [3, 2, 4]) volume.keep(index, new Uint8Array(scene.columns * scene.rows * 2));
  renderer.setVolume(volume);
  renderer.makeRoom();
  renderer.setSlice(3, volume.slices.get(3) as Uint8Array<ArrayBuffer>);
  expect([...marks]).toEqual([0, 0, 0, 255, 0, 0]);
  marks.fill(0);
  renderer.restore();
  expect([...marks]).toEqual([0, 0, 0, 255, 0, 0]);
});
