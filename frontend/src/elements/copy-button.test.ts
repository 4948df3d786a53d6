import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { place } from "../testing/place";
import "./copy-button";

const writeText = vi.fn(async (_text: string) => undefined);
const label = () => document.querySelector("[data-copy-label]")?.textContent;

beforeEach(() => {
  vi.useFakeTimers();
  writeText.mockReset();
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  place(`
    <copy-button>
      <input readonly value="https://portal.example/s/1#secret" data-copy-source>
      <button type="button" data-done-label="Copied"><span data-copy-label>Copy</span></button>
    </copy-button>`);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the value goes to the clipboard", async () => {
  document.querySelector("button")?.click();
  await vi.advanceTimersByTimeAsync(0);
  expect(writeText).toHaveBeenCalledWith("https://portal.example/s/1#secret");
  expect(label()).toBe("Copied");
});

test("after two seconds the button says Copy again", async () => {
  document.querySelector("button")?.click();
  await vi.advanceTimersByTimeAsync(2000);
  expect(label()).toBe("Copy");
});

test("a browser that refuses gets the text selected instead", async () => {
  writeText.mockRejectedValueOnce(new Error("not allowed"));
  const select = vi.spyOn(HTMLInputElement.prototype, "select");
  document.querySelector("button")?.click();
  await vi.advanceTimersByTimeAsync(0);
  expect(select).toHaveBeenCalled();
  expect(label()).toBe("Copy");
});
