import { expect, test, vi } from "vitest";
import { Renderer } from "./renderer";
import { makeVolume } from "./testing";
import { Volume } from "./volume";

/** A device that remembers which slice was put where, and what the shader is told of each. */
function makeDevice(slices: number) {
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
