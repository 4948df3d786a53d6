import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fetchHalf, fetchPreview, previewOf } from "./reduced";
import { makeVolume } from "./testing";

const fetched = vi.fn<typeof fetch>();
const { signal } = new AbortController();

beforeEach(() => {
  vi.stubGlobal("fetch", fetched);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function answer(bytes: Uint8Array<ArrayBuffer>): void {
  fetched.mockResolvedValueOnce(new Response(bytes));
}

describe("a preview", () => {
  const preview = { url: "/preview", columns: 2, rows: 1, slices: 2, low: -100, high: 155 };

  test("reaches over the whole volume, from its low to its high value", () => {
    const reduced = previewOf(preview, new Uint8Array(4), makeVolume());
    expect(reduced).toMatchObject({ bits: 8, depth: 30, scale: [255, 0, -100] });
  });

  test("of another size is incomplete", async () => {
    answer(new Uint8Array(3));
    await expect(fetchPreview(preview, signal)).rejects.toMatchObject({ problem: "incomplete" });
  });
});

describe("a volume of half the resolution", () => {
  const half = { url: "/half", columns: 1, rows: 1, slices: 2 };

  test("is lifted, so that signed values fit an unsigned texture", async () => {
    answer(new Uint8Array(new Int16Array([-1, 300]).buffer));
    const { bytes, bits, depth, scale } = await fetchHalf(half, signal);
    expect([...new Uint16Array(bytes.buffer)]).toEqual([32767, 33068]);
    expect({ bits, depth, added: scale[2] }).toEqual({ bits: 16, depth: 4, added: -32768 });
  });

  test("of another size is incomplete", async () => {
    answer(new Uint8Array(2));
    await expect(fetchHalf(half, signal)).rejects.toMatchObject({ problem: "incomplete" });
  });
});
