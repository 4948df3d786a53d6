import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { place } from "../testing/place";
import { stateAt } from "./session-guard";

const fetched = vi.fn(async (_url: string, _options: RequestInit) => ({ status: 204 }));
const dialog = () => document.querySelector("dialog");

beforeEach(() => {
  vi.useFakeTimers();
  fetched.mockClear();
  vi.stubGlobal("fetch", fetched);
  place(`
    <session-guard data-here="/account/here/" data-idle-s="900">
      <dialog><form method="dialog"><button>Stay</button></form></dialog>
    </session-guard>`);
});

afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("input right after the page was opened is not told", () => {
  dispatchEvent(new Event("pointerdown"));
  expect(fetched).not.toHaveBeenCalled();
});

test("input a minute later is told once", async () => {
  await vi.advanceTimersByTimeAsync(70_000);
  dispatchEvent(new Event("keydown"));
  dispatchEvent(new Event("keydown"));
  expect(fetched).toHaveBeenCalledTimes(1);
  expect(fetched.mock.calls[0]?.[0]).toBe("/account/here/");
});

test("the last minute begins with a warning, and staying tells the portal", async () => {
  await vi.advanceTimersByTimeAsync(850_000);
  expect(dialog()?.hasAttribute("open")).toBe(true);
  dialog()?.close();
  expect(fetched).toHaveBeenCalledTimes(1);
});

test("what another tab heard counts here as well", async () => {
  await vi.advanceTimersByTimeAsync(840_000);
  localStorage.setItem("session-seen", String(Date.now()));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(dialog()?.hasAttribute("open")).toBe(false);
});

test.each([
  [0, "here"],
  [839_000, "here"],
  [850_000, "warn"],
  [900_001, "ended"],
])("after %i ms of silence: %s", (silent, expected) => {
  expect(stateAt(silent, 900_000)).toBe(expected);
});
