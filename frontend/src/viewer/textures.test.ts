import { describe, expect, test } from "vitest";
import { makeVolume } from "./testing";
import { VolumeTextures } from "./textures";
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

describe("a volume of which only the slice in view was held", () => {
  const scene = makeVolume({ slices: 6, frames: ["a", "b", "c", "d", "e", "f"] });
  const slice = () => new Uint8Array(scene.columns * scene.rows * 2);

  test("has each slice in its own place once the whole is loaded", () => {
    const volume = new Volume(scene, "near");
    const { gl, places } = makeDevice(6);
    const textures = new VolumeTextures(gl, volume);
    textures.makeRoom();
    textures.setSlice(3, slice());
    volume.detail = "whole";
    textures.makeRoom();
    for (let index = 0; index < 6; index++) textures.setSlice(index, slice());
    expect(textures.block).toEqual([0, 6]);
    expect(places).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("shows no slice that the larger room does not hold yet", () => {
    const volume = new Volume(scene, "near");
    const { gl, marks } = makeDevice(6);
    const textures = new VolumeTextures(gl, volume);
    textures.makeRoom();
    textures.setSlice(3, slice());
    volume.detail = "whole";
    textures.makeRoom();
    expect([...marks]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
