import { beforeEach, expect, test, vi } from "vitest";
import { eventually } from "../testing/eventually";
import { place } from "../testing/place";
import { BulkActions } from "./bulk-actions";

const ids = Array.from({ length: 23 }, (_, index) => `id-${index}`);
const reload = vi.fn();
let answers: Response[];
const asked: FormData[] = [];
const addresses: string[] = [];

beforeEach(() => {
  BulkActions.reload = reload;
  reload.mockReset();
  asked.length = addresses.length = 0;
  answers = [];
  vi.stubGlobal("fetch", async (address: string, options: RequestInit) => {
    addresses.push(address);
    asked.push(options.body as FormData);
    expect(options.redirect).toBe("manual");
    return answers.shift() ?? new Response("{}");
  });
  place(`
    ${ids.map((id) => `<input type="checkbox" form="bulk" name="study" value="${id}">`).join("")}
    <bulk-actions><form id="bulk" method="post" action="/studies/bulk/"></form>
      <span data-part="count" data-none="none" data-one="one" data-many="%d chosen"></span>
      <div data-part="actions"><button form="bulk" name="action" value="bin">Bin</button><button form="bulk" id="zip">ZIP</button></div>
      <div data-part="progress" hidden><progress max="100" value="0"></progress></div>
      <p data-part="problem" hidden>Not everything</p>
    </bulk-actions>`);
});

function choose(count: number): void {
  for (const box of [...document.querySelectorAll<HTMLInputElement>("[name=study]")].slice(0, count))
    box.click();
}

function text(part: string): string | null | undefined {
  return document.querySelector(`[data-part=${part}]`)?.textContent;
}

function press(selector: string): SubmitEvent {
  const form = document.querySelector("form") as HTMLFormElement;
  const submitter = document.querySelector(selector) as HTMLButtonElement;
  const event = new SubmitEvent("submit", { submitter, cancelable: true, bubbles: true });
  form.dispatchEvent(event);
  return event;
}

test("it says how many are chosen", () => {
  expect(text("count")).toBe("none");
  choose(1);
  expect(text("count")).toBe("one");
  choose(1);
  choose(3);
  expect(text("count")).toBe("3 chosen");
});

test("ten are sent at a time, and the page is shown again at the end", async () => {
  choose(23);
  press("[value=bin]");
  await eventually(() => expect(reload).toHaveBeenCalledOnce());

  expect(asked.map((body) => body.getAll("study").length)).toEqual([10, 10, 3]);
  // Not the button of the name "action".
  expect(new Set(addresses)).toEqual(new Set(["/studies/bulk/"]));
  expect(asked.flatMap((body) => body.getAll("study"))).toEqual(ids);
  expect(document.querySelector("progress")?.value).toBe(100);
});

test("a refusal stops it and is said", async () => {
  answers = [new Response("{}"), new Response("{}", { status: 403 })];
  choose(23);
  press("[value=bin]");
  await eventually(() =>
    expect(document.querySelector("[data-part=problem]")?.hasAttribute("hidden")).toBe(false),
  );

  expect(asked).toHaveLength(2);
  expect(reload).not.toHaveBeenCalled();
});

test("what is refused at once is sent again as a form, whose answer is a page", async () => {
  answers = [new Response("", { status: 403 })];
  const form = document.querySelector("form") as HTMLFormElement;
  const submitted = vi.spyOn(form, "submit").mockImplementation(() => undefined);
  choose(2);
  press("[value=bin]");
  await eventually(() => expect(submitted).toHaveBeenCalledOnce());

  expect(new FormData(form).getAll("action")).toEqual(["bin"]);
  expect(new FormData(form).getAll("study")).toEqual(["id-0", "id-1"]);
});

test("what is answered with a page or a file is sent as a form is", () => {
  choose(2);

  expect(press("#zip").defaultPrevented).toBe(false);
});

test("nothing is sent where nothing is chosen", () => {
  expect(press("#zip").defaultPrevented).toBe(true);
});
