import { beforeEach, expect, test } from "vitest";
import { place } from "../testing/place";
import "./theme-switch";

const press = () => document.querySelector("button")?.click();

beforeEach(() => {
  document.documentElement.dataset.theme = "light";
  place(`<theme-switch><button type="button" aria-pressed="false"></button></theme-switch>`);
});

test("pressing it opens the reading room", () => {
  press();
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(document.querySelector("button")?.getAttribute("aria-pressed")).toBe("true");
});

test("pressing it twice comes back to the light theme", () => {
  press();
  press();
  expect(document.documentElement.dataset.theme).toBe("light");
});

test("the choice is left in a cookie for the server", () => {
  press();
  expect(document.cookie).toContain("theme=dark");
});
