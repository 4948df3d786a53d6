import { expect, test, vi } from "vitest";
import { searchByEarlyChoices } from "./early-choice";

const PAGE = `
  <form hx-post="/studies/" hx-trigger="submit, input">
    <input name="name" value="as sent"><input type="hidden" name="token" value="t">
    <select name="modality"><option value="">All</option><option>CT</option></select>
  </form>
  <form id="other" hx-post="/bin/"><input name="reason"></form>`;

function wired(change: () => void, sent = PAGE): number {
  document.body.innerHTML = sent;
  change();
  const searched = vi.fn();
  document.body.addEventListener("input", searched);
  for (const form of document.forms) form.dispatchEvent(new Event("htmx:after:init", { bubbles: true }));
  document.body.removeEventListener("input", searched);
  return searched.mock.calls.length;
}

const control = <T extends HTMLElement>(name: string) => document.querySelector<T>(`[name=${name}]`) as T;

searchByEarlyChoices(document);

test("what was chosen before the form was ready is searched by, once", () => {
  const choose = () => {
    control<HTMLSelectElement>("modality").value = "CT";
    control<HTMLInputElement>("name").value = "Pia";
  };
  expect(wired(choose)).toBe(1);
  expect(wired(() => control<HTMLInputElement>("name").setAttribute("value", "as sent"))).toBe(0);
});

test("a choice that came with the page is no early one", () => {
  const sent = PAGE.replace("<option>CT", "<option selected>CT");
  expect(wired(() => {}, sent)).toBe(0);
});

test("forms that do not search as one types are left alone", () => {
  const write = () => {
    control<HTMLInputElement>("reason").value = "wrong patient";
  };
  expect(wired(write)).toBe(0);
});
