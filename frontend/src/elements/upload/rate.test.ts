import { expect, test } from "vitest";
import { Rate } from "./rate";

test("speed is bytes over seconds", () => {
  const rate = new Rate();
  rate.note(0, 0);
  rate.note(5_000_000, 2000);
  expect(rate.bytesPerSecond).toBe(2_500_000);
});

test("without two moments there is no speed yet", () => {
  const rate = new Rate();
  rate.note(100, 0);
  expect(rate.bytesPerSecond).toBe(0);
});

test("what lies longer back than the window is forgotten", () => {
  const rate = new Rate();
  rate.note(0, 0);
  rate.note(100, 20_000);
  rate.note(1_100, 21_000);
  expect(rate.bytesPerSecond).toBe(1000);
});

test("a batch that starts again does not make the speed negative", () => {
  const rate = new Rate();
  rate.note(1000, 0);
  rate.note(400, 1000);
  expect(rate.bytesPerSecond).toBe(0);
});
