import { describe, expect, test } from "vitest";
import { makeDevice, makeVolume } from "./testing";
import { VolumeTextures } from "./textures";
import { Volume } from "./volume";

describe("a volume of which only the slice in view was held", () => {
  const scene = makeVolume({ slices: 6, frames: ["a", "b", "c", "d", "e", "f"] });
  const slice = () => new Uint8Array(scene.columns * scene.rows * 2);
  const afterMoreRoom = () => {
    const volume = new Volume(scene, "near");
    const device = makeDevice(6);
    const textures = new VolumeTextures(device.gl, volume);
    textures.makeRoom();
    textures.setSlice(3, slice());
    volume.detail = "whole";
    textures.makeRoom();
    return { ...device, textures };
  };

  test("has each slice in its own place once the whole is loaded", () => {
    const { textures, places } = afterMoreRoom();
    for (let index = 0; index < 6; index++) textures.setSlice(index, slice());
    expect(textures.block).toEqual([0, 6]);
    expect(places).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("shows no slice that the larger room does not hold yet", () => {
    const { marks } = afterMoreRoom();
    expect([...marks]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
