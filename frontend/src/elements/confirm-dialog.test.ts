import { beforeEach, expect, test, vi } from "vitest";
import { place } from "../testing/place";
import "./confirm-dialog";

const sent = vi.fn();

const find = <E extends Element>(selector: string) => document.querySelector(selector) as unknown as E;
const ask = () => find<HTMLButtonElement>("#delete").click();
const answer = (value: string) => find<HTMLDialogElement>("dialog").close(value);

beforeEach(() => {
  sent.mockReset();
  place(`
    <confirm-dialog>
      <form method="post" action="/delete"><button id="delete" type="submit" name="action" value="go">Delete</button></form>
      <dialog><form method="dialog"><button value="cancel">Cancel</button><button value="accept">Delete</button></form></dialog>
    </confirm-dialog>`);
  find("form").addEventListener("submit", (event) => {
    event.preventDefault();
    sent((event as SubmitEvent).submitter?.getAttribute("value"));
  });
});

test("the form is not sent before the person has answered", () => {
  ask();
  expect(find<HTMLDialogElement>("dialog").open).toBe(true);
  expect(sent).not.toHaveBeenCalled();
});

test("accepting sends the form by the button that was pressed", () => {
  ask();
  answer("accept");
  expect(sent).toHaveBeenCalledWith("go");
});

test("cancelling sends nothing", () => {
  ask();
  answer("cancel");
  expect(sent).not.toHaveBeenCalled();
});

test("leaving by the Escape key after an earlier yes sends nothing", () => {
  ask();
  answer("accept");
  sent.mockReset();
  ask();
  find<HTMLDialogElement>("dialog").close();
  expect(sent).not.toHaveBeenCalled();
});
