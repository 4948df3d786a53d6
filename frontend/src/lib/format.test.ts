import { expect, test } from "vitest";
import { bytes, duration } from "./format";

test("bytes are shown in the unit that keeps them short", () => {
  expect(bytes(0)).toBe("0 B");
  expect(bytes(999)).toBe("999 B");
  expect(bytes(1_500)).toBe("1.5 kB");
  expect(bytes(210_000_000)).toBe("210 MB");
  expect(bytes(3_200_000_000_000_000)).toBe("3200 TB");
});

test("bytes are written as the language of the page writes them", () => {
  document.documentElement.lang = "de";
  expect(bytes(1_500)).toBe("1,5 kB");
  document.documentElement.lang = "en";
});

test("time left is rounded up, so that it never says 0 before the end", () => {
  expect(duration(0.2)).toBe("1 s");
  expect(duration(185)).toBe("3:05 min");
  expect(duration(4_200)).toBe("1:10 h");
});
