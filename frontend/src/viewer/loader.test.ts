import { describe, expect, test, vi } from "vitest";
import { eventually } from "../testing/eventually";
import { nearestMissing, SliceLoader } from "./loader";
import { ViewerError } from "./problem";

type Answer = (bytes: Uint8Array<ArrayBuffer>) => void;

function makeLoader(changes: { reach?: number; missing?: ReadonlySet<number>; atOnce?: number } = {}) {
  const asked: number[] = [];
  const aborted: number[] = [];
  const answers = new Map<number, { resolve: Answer; reject: (error: unknown) => void }>();
  const onSlice = vi.fn();
  const onError = vi.fn();
  const loader = new SliceLoader({
    count: 10,
    missing: changes.missing ?? new Set(),
    reach: changes.reach ?? Number.POSITIVE_INFINITY,
    atOnce: changes.atOnce ?? 3,
    fetchSlice: (index, signal) => {
      asked.push(index);
      return new Promise((resolve, reject) => {
        answers.set(index, { resolve, reject });
        signal.addEventListener("abort", () => {
          aborted.push(index);
          reject(new DOMException("", "AbortError"));
        });
      });
    },
    onSlice,
    onError,
  });
  const answer = async (index: number) => {
    answers.get(index)?.resolve(new Uint8Array([index]));
    await eventually(() => expect(onSlice).toHaveBeenCalledWith(index, expect.anything()));
  };
  return { loader, asked, aborted, answers, answer, onSlice, onError };
}

describe("the order of slices", () => {
  test("goes outwards from the focus", () => {
    const seen = new Set([5, 4]);
    expect(nearestMissing(10, 5, 10, (k) => seen.has(k))).toBe(6);
  });

  test("ends at the edges of the volume", () => {
    const seen = new Set([0, 1]);
    expect(nearestMissing(3, 0, 10, (k) => seen.has(k))).toBe(2);
  });

  test("ends at the reach", () => {
    expect(nearestMissing(10, 5, 1, (k) => k >= 4 && k <= 6)).toBe(-1);
  });
});

describe("a loader", () => {
  test("asks for no more than it may at once", () => {
    const { loader, asked } = makeLoader();
    loader.focus(5);
    expect(asked).toEqual([5, 4, 6]);
  });

  test("goes on when a slice has arrived", async () => {
    const { loader, asked, answer } = makeLoader();
    loader.focus(5);
    await answer(4);
    await eventually(() => expect(asked).toEqual([5, 4, 6, 3]));
    expect(loader.loadedCount).toBe(1);
  });

  test("follows the crosshair with the next request", async () => {
    const { loader, asked, answer } = makeLoader();
    loader.focus(5);
    loader.focus(9);
    await answer(5);
    await eventually(() => expect(asked).toEqual([5, 4, 6, 9]));
  });

  test("never asks for a slice that does not exist", () => {
    const { loader, asked } = makeLoader({ missing: new Set([5, 6]) });
    loader.focus(5);
    expect(asked).toEqual([4, 3, 7]);
  });

  test("gives up what has gone out of reach", async () => {
    const { loader, asked, aborted } = makeLoader({ reach: 0, atOnce: 1 });
    loader.focus(2);
    loader.focus(8);
    expect(aborted).toEqual([2]);
    await eventually(() => expect(asked).toEqual([2, 8]));
  });

  test("asks again for a slice that was dropped", async () => {
    const { loader, asked, answer } = makeLoader({ reach: 0, atOnce: 1 });
    loader.focus(2);
    await answer(2);
    loader.forget(2);
    loader.focus(2);
    expect(asked).toEqual([2, 2]);
  });

  test("stops at the first error and says it once", async () => {
    const { loader, asked, answers, onError } = makeLoader();
    const revoked = new ViewerError("revoked");
    loader.focus(5);
    answers.get(5)?.reject(revoked);
    await eventually(() => expect(onError).toHaveBeenCalledExactlyOnceWith(revoked));
    expect(asked).toHaveLength(3);
  });

  test("keeps quiet once it has been stopped", async () => {
    const { loader, answers, onSlice, onError } = makeLoader();
    loader.focus(5);
    loader.stop();
    answers.get(5)?.resolve(new Uint8Array());
    await Promise.resolve();
    expect(onSlice).not.toHaveBeenCalled();
    expect(onError).not.toHaveBeenCalled();
  });
});
