import { beforeEach, expect, test, vi } from "vitest";
import { place } from "../testing/place";
import "./row-keys";

const ROW = (name: string) =>
  `<tr><td><input type="checkbox"></td><td><a class="name" href="#${name}">${name}</a></td><td><a href="#images">Open</a></td></tr>`;

beforeEach(() =>
  place(
    `<form><input type="search"><row-keys><table><tbody>${["a", "b", "c"].map(ROW).join("")}</tbody></table></row-keys></form>`,
  ),
);

function link(name: string): HTMLAnchorElement {
  return document.querySelector(`a[href="#${name}"]`) as HTMLAnchorElement;
}

function press(key: string, modifiers: KeyboardEventInit = {}): void {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...modifiers });
  document.activeElement?.dispatchEvent(event);
}

test.each(["j", "ArrowDown"])("%s goes to the next row", (key) => {
  link("a").focus();
  press(key);

  expect(document.activeElement).toBe(link("b"));
});

test.each(["k", "ArrowUp"])("%s goes to the row before", (key) => {
  link("b").focus();
  press(key);

  expect(document.activeElement).toBe(link("a"));
});

test("behind the last row there is nothing", () => {
  link("c").focus();
  press("j");

  expect(document.activeElement).toBe(link("c"));
});

test("X chooses the row, and O opens its images", () => {
  const opened = vi.fn((event: Event) => event.preventDefault());
  document.querySelectorAll('a[href="#images"]')[1]?.addEventListener("click", opened);
  link("b").focus();
  press("x");
  press("o");

  expect(document.querySelectorAll<HTMLInputElement>("[type=checkbox]")[1]?.checked).toBe(true);
  expect(opened).toHaveBeenCalledOnce();
});

test("/ goes back to the search", () => {
  link("b").focus();
  press("/");

  expect(document.activeElement).toBe(document.querySelector("input[type=search]"));
});

test("keys of the browser stay the browser's", () => {
  link("a").focus();
  press("j", { ctrlKey: true });

  expect(document.activeElement).toBe(link("a"));
});

test("/ opens the search that a phone has folded", () => {
  const search = document.querySelector("input[type=search]") as HTMLInputElement;
  const fold = document.createElement("details");
  search.replaceWith(fold);
  fold.append(search);
  link("b").focus();
  press("/");

  expect(fold.open).toBe(true);
  expect(document.activeElement).toBe(search);
});
