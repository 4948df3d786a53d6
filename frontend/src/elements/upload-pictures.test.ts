import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { eventually } from "../testing/eventually";
import { place } from "../testing/place";
import "./upload-pictures";

const fetched = vi.fn();
const reply = (status: number, json: object) => new Response(JSON.stringify(json), { status });
const text = (name: string) => document.querySelector(`[data-part="${name}"]`)?.textContent;

function choose(...names: string[]): void {
  const files = names.map((name) => new File(["\xff\xd8\xff"], name, { type: "image/jpeg" }));
  Object.defineProperty(document.querySelector("[data-part=files]"), "files", { value: files });
}

const submit = () => document.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
const said = async (call: number) => {
  const [, { body }] = fetched.mock.calls[call] as [string, { body: Blob }];
  return (await body.text()).split("\r\n")[3] ?? "";
};

beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal("fetch", fetched);
  place(`
    <upload-pictures data-url="/uploads/pictures" data-study-url="/studies/by-uid/{uid}/">
      <form>
        <details><div class="field"><input name="family_name" value="Doe"></div></details>
        <input type="file" data-part="files" multiple><button data-part="send"></button>
      </form>
      <p data-part="headline"></p><ul data-part="results"></ul>
      <template data-messages>
        <p data-key="done">Done: {count}</p><p data-key="check">Check</p><p data-key="no-files">Choose one</p>
        <p data-key="stored">stored</p><p data-key="failed">failed</p><p data-key="open">Open</p>
      </template>
    </upload-pictures>`);
});

afterEach(() => {
  document.body.innerHTML = "";
  vi.unstubAllGlobals();
});

test("each picture goes with what the form says, and leads to its study", async () => {
  fetched.mockImplementation(async () => reply(200, { status: "stored", StudyInstanceUID: "1.2.9" }));
  choose("a.jpg", "b.jpg");
  submit();
  await eventually(() => expect(text("headline")).toBe("Done: 2"));
  expect(JSON.parse(await said(0))).toEqual({ family_name: "Doe" });
  expect(document.querySelector("li a")?.getAttribute("href")).toBe("/studies/by-uid/1.2.9/");
});

test("all pictures go with what the form said when they were sent, whatever is typed meanwhile", async () => {
  fetched.mockImplementation(async () => {
    document.querySelector("[name=family_name]")?.setAttribute("value", "Roe");
    return reply(200, { status: "stored", StudyInstanceUID: "1.2.9" });
  });
  choose("a.jpg", "b.jpg");
  submit();
  await eventually(() => expect(text("headline")).toBe("Done: 2"));
  expect(JSON.parse(await said(1))).toEqual({ family_name: "Doe" });
});

test("what is wrong is said at its field, which is opened and reached", async () => {
  fetched.mockResolvedValue(reply(422, { errors: { family_name: ["Fill this in."] } }));
  choose("a.jpg", "b.jpg");
  submit();
  await eventually(() => expect(text("headline")).toBe("Check"));
  const field = document.querySelector<HTMLInputElement>("[name=family_name]");
  expect([field?.getAttribute("aria-invalid"), field?.closest("details")?.open]).toEqual(["true", true]);
  expect(document.getElementById(field?.getAttribute("aria-describedby") ?? "")?.textContent).toBe(
    "Fill this in.",
  );
  expect(fetched).toHaveBeenCalledOnce();
});

test("a refusal is shown beside the name of the picture, and the next one goes", async () => {
  fetched
    .mockResolvedValueOnce(reply(422, { detail: "The picture breaks off." }))
    .mockResolvedValueOnce(reply(200, { status: "stored", StudyInstanceUID: "1.2.9" }));
  choose("a.jpg", "b.jpg");
  submit();
  await eventually(() => expect(text("headline")).toBe("Done: 1"));
  expect(document.querySelector("li")?.textContent).toBe("a.jpgThe picture breaks off.");
});

test("a lost line is said so", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  choose("a.jpg");
  submit();
  await eventually(() => expect(document.querySelector("li")?.textContent).toBe("a.jpgfailed"));
});

test("without a picture nothing is sent", () => {
  submit();
  expect(text("headline")).toBe("Choose one");
  expect(fetched).not.toHaveBeenCalled();
});
