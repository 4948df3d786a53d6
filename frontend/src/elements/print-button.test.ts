import { expect, test, vi } from "vitest";
import { place } from "../testing/place";
import "./print-button";

test("the button prints the page", () => {
  const print = vi.fn();
  vi.stubGlobal("print", print);
  place("<print-button><button type=button>Print</button></print-button>");

  document.querySelector("button")?.click();

  expect(print).toHaveBeenCalledOnce();
});
