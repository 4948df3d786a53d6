import { afterEach, expect, test } from "vitest";
import { place } from "../testing/place";
import { isPrintedCode } from "./patient-landing";

const PAGE = '<patient-landing><form><input name="code"><input name="email"></form></patient-landing>';

afterEach(() => history.replaceState(null, "", "/"));

function field(name: string): HTMLInputElement {
  return document.querySelector(`input[name=${name}]`) as HTMLInputElement;
}

test("the code of the square is put into its field and taken out of the address", () => {
  history.replaceState(null, "", "/p/#7K3M-0QRS-TVWX-YZ12");
  place(PAGE);

  expect(field("code").value).toBe("7K3M-0QRS-TVWX-YZ12");
  expect(location.hash).toBe("");
  expect(document.activeElement).toBe(field("email"));
});

test("anything else behind the # is dropped", () => {
  history.replaceState(null, "", "/p/#<script>");
  place(PAGE);

  expect(field("code").value).toBe("");
  expect(location.hash).toBe("");
});

test("letters that look like digits are in no code", () => {
  expect(isPrintedCode("7K3M-0QRS-TVWX-YZ1O")).toBe(false);
  expect(isPrintedCode("7K3M-0QRS-TVWX-YZ10")).toBe(true);
});
