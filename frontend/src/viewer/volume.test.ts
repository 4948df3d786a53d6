import { describe, expect, test } from "vitest";
import { makeVolume } from "./testing";
import { detailFor, fitsWhole, sliceBytes, texelScale, Volume, wantsHalf } from "./volume";

const DESKTOP = { longestSide: 1440, memoryGb: 8, largestTexture: 2048, savesData: false };
const PHONE = { longestSide: 844, memoryGb: 8, largestTexture: 2048, savesData: false };
const SMALL = { columns: 2, rows: 1, slices: 40 };

describe("what a device can hold", () => {
  test("a desktop holds the whole volume", () => {
    expect(detailFor(makeVolume(), DESKTOP)).toBe("whole");
  });

  test("a phone holds the slice in view", () => {
    expect(detailFor(makeVolume(), PHONE)).toBe("near");
  });

  test("a desktop with little memory holds the slice in view", () => {
    expect(detailFor(makeVolume(), { ...DESKTOP, memoryGb: 2 })).toBe("near");
  });

  test("a volume beyond the texture's limit is not held whole", () => {
    expect(detailFor(makeVolume({ slices: 2049 }), DESKTOP)).toBe("near");
  });

  test("a phone may hold the whole volume when the reader asks for it", () => {
    expect(fitsWhole(makeVolume({ columns: 400, rows: 400, slices: 400 }), PHONE)).toBe(true);
    expect(fitsWhole(makeVolume({ columns: 1067, rows: 1067, slices: 843 }), PHONE)).toBe(false);
  });

  test("values of 32 bits are shown as the preview", () => {
    expect(detailFor(makeVolume({ bits_allocated: 32 }), DESKTOP)).toBe("preview");
  });

  test("a slice counts its bytes", () => {
    expect(sliceBytes(makeVolume())).toBe(400);
  });
});

describe("half the resolution", () => {
  const half = { url: "/half", columns: 256, rows: 256, slices: 200 };

  test("is wanted where it can be held", () => {
    expect(wantsHalf(half, PHONE)).toBe(true);
    expect(wantsHalf({ ...half, slices: 2000 }, PHONE)).toBe(false);
    expect(wantsHalf({ ...half, columns: 1, rows: 1, slices: 2049 }, PHONE)).toBe(false);
  });

  test("is not wanted where it is not there, or data is saved", () => {
    expect(wantsHalf(null, PHONE)).toBe(false);
    expect(wantsHalf(half, { ...PHONE, savesData: true })).toBe(false);
  });
});

describe("a texel of two bytes", () => {
  const value = (low: number, high: number, scale: readonly [number, number, number]) =>
    (low / 255) * scale[0] + (high / 255) * scale[1] + scale[2];

  test("becomes its value after slope and intercept", () => {
    expect(value(0x34, 0x12, texelScale(16, 0, 2, -10))).toBeCloseTo(0x1234 * 2 - 10);
  });

  test("that was lifted comes down again", () => {
    expect(value(0xff, 0x7f, texelScale(16, 2 ** 15, 1, 0))).toBeCloseTo(-1);
  });
});

describe("values", () => {
  test("are those after slope and intercept", () => {
    const volume = new Volume(makeVolume({ ...SMALL, slope: 2, intercept: -10 }), "whole");
    volume.keep(3, new Uint8Array([0x34, 0x12, 7, 0]));
    expect(volume.valueAt([0, 0, 3])).toBe(0x1234 * 2 - 10);
    expect(volume.valueAt([1, 0, 3])).toBe(4);
  });

  test("are unknown where no slice has arrived", () => {
    expect(new Volume(makeVolume(SMALL), "whole").valueAt([0, 0, 3])).toBeNull();
  });

  test("are unknown outside the volume", () => {
    const volume = new Volume(makeVolume(SMALL), "whole");
    volume.keep(3, new Uint8Array(4));
    expect(volume.valueAt([2, 0, 3])).toBeNull();
    expect(volume.valueAt([0, -1, 3])).toBeNull();
  });

  test("of signed volumes keep their sign", () => {
    const volume = new Volume(makeVolume({ ...SMALL, is_signed: true, intercept: 0 }), "whole");
    volume.keep(0, new Uint8Array([0xff, 0xff, 0, 0]));
    expect(volume.valueAt([0, 0, 0])).toBe(-1);
    expect(volume.valueAt([1, 0, 0])).toBe(0);
  });

  test("have nothing of what lies above the stored bits", () => {
    const overlaid = makeVolume({ ...SMALL, bits_stored: 12, intercept: 0 });
    const volume = new Volume(overlaid, "whole");
    volume.keep(0, new Uint8Array([0x05, 0xf1, 0x06, 0x00]));
    expect([volume.valueAt([0, 0, 0]), volume.valueAt([1, 0, 0])]).toEqual([0x105, 6]);
  });

  test("of signed volumes need no sign in the bits that are not stored", () => {
    const volume = new Volume(
      makeVolume({ ...SMALL, bits_stored: 12, is_signed: true, intercept: 0 }),
      "whole",
    );
    volume.keep(0, new Uint8Array([0xff, 0x0f, 0xff, 0xff]));
    expect([volume.valueAt([0, 0, 0]), volume.valueAt([1, 0, 0])]).toEqual([-1, -1]);
  });

  test("of eight bits are read as single bytes", () => {
    const volume = new Volume(makeVolume({ ...SMALL, bits_allocated: 8, intercept: 0 }), "whole");
    volume.keep(0, new Uint8Array([5, 200]));
    expect(volume.valueAt([1, 0, 0])).toBe(200);
  });
});

describe("memory", () => {
  test("a whole volume keeps every slice", () => {
    const volume = new Volume(makeVolume(SMALL), "whole");
    for (const index of makeVolume(SMALL).frames.keys()) volume.keep(index, new Uint8Array(4));
    expect(volume.slices.size).toBe(30);
  });

  test("near slices replace the oldest ones", () => {
    const volume = new Volume(makeVolume(SMALL), "near");
    for (const index of Array.from({ length: 24 }).keys()) volume.keep(index, new Uint8Array(4));
    expect(volume.keep(24, new Uint8Array(4))).toBe(0);
    expect(volume.slices.has(0)).toBe(false);
    expect(volume.slices.size).toBe(24);
  });
});
