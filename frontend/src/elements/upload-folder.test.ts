import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { eventually } from "../testing/eventually";
import { place } from "../testing/place";
import { part10 } from "./upload/fixtures";
import { fileSource, fingerprint } from "./upload/source";
import type { UploadFolder } from "./upload-folder";
import "./upload-folder";

const CT = "1.2.840.10008.5.1.4.1.1.2";

const answers: { status: number; judge: (name: string) => object }[] = [];
const stored = { status: 200, judge: (name: string) => file(name, "stored") };

class FakeRequest {
  status = 0;
  responseText = "";
  upload = {};
  onloadend?: () => void;
  open() {}
  setRequestHeader() {}
  getResponseHeader = () => null;
  abort() {}
  async send(body: Blob) {
    const names = [...(await body.text()).matchAll(/Content-ID: <(.*?)>/g)].map(([, name]) => name ?? "");
    const answer = answers.shift();
    if (!answer) return;
    this.status = answer.status;
    this.responseText = JSON.stringify({ files: names.map((name) => answer.judge(name)) });
    queueMicrotask(() => this.onloadend?.());
  }
}

interface Posted {
  url: string;
  status: number;
  json: object;
}

const posted: Posted[] = [];
let there: object[] = [];
const file = (name: string, status: string, message = "") => ({
  file: name,
  status,
  message,
  StudyInstanceUID: status === "stored" ? "1.2.9" : "",
});

/** The portal's answers to small questions. */
async function portal(url: string): Promise<Response> {
  const next = posted.shift() ?? {
    url,
    status: 200,
    json: { id: "u1", files: there },
  };
  return new Response(JSON.stringify(next.json), { status: next.status });
}

const slice = async (uid: string) =>
  new File([await part10({ sopClassUID: CT, sopInstanceUID: uid }).arrayBuffer()], uid);
const found = (file: File) => ({ file, path: `CD/${file.name}` });
const element = () => document.querySelector<UploadFolder>("upload-folder") as UploadFolder;
const part = (name: string) => document.querySelector(`[data-part="${name}"]`);
const text = (name: string) => part(name)?.textContent;
const hidden = (name: string) => part(name)?.hasAttribute("hidden");

beforeEach(() => {
  answers.length = 0;
  posted.length = 0;
  there = [];
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
  vi.stubGlobal("fetch", vi.fn(portal));
  place(`
    <upload-folder data-url="/uploads/" data-study-url="/studies/by-uid/{uid}/" data-batch-bytes="1000000" data-parallel="3" data-piece-bytes="1000000">
      <div data-part="zone"><input type="file" data-part="folder"><input type="file" data-part="files"></div>
      <section data-part="unfinished"><ul><li data-upload="u7">
        <button data-part="continue"></button><button data-part="discard"></button></li></ul></section>
      <section data-part="status" hidden>
        <h2 data-part="headline"></h2>
        <button data-part="pause"></button><button data-part="resume" hidden></button>
        <button data-part="cancel"></button><button data-part="again" hidden></button>
        <progress data-part="bar"></progress><span data-part="bytes"></span><span data-part="rate"></span>
        <b data-part="stored"></b><b data-part="known"></b><b data-part="held"></b><b data-part="refused"></b><b data-part="skipped"></b><b data-part="waiting"></b>
        <ul data-part="studies"></ul><p data-part="doubts" hidden></p><p data-part="refusals" hidden></p>
        <details data-part="problems" hidden><table><tbody></tbody></table></details>
      </section>
      <template data-messages>
        <p data-key="done">Done</p><p data-key="done-with-problems">Done, but</p><p data-key="done-with-doubts">In doubt</p><p data-key="nothing">No DICOM</p>
        <p data-key="open-study">Open study</p><p data-key="reason-not-dicom">not DICOM</p>
        <p data-key="bytes">{sent} of {total}</p><p data-key="signed-out">Sign in again</p><p data-key="paused">Paused</p>
      </template>
    </upload-folder>`);
});

afterEach(() => {
  document.body.innerHTML = "";
  vi.unstubAllGlobals();
});

test("a folder is stored and ends with a link to its study", async () => {
  answers.push(stored);
  await element().take([found(await slice("1.2.1")), found(await slice("1.2.2"))]);
  expect([text("headline"), text("stored"), text("refused"), text("waiting")]).toEqual([
    "Done",
    "2",
    "0",
    "0",
  ]);
  expect(document.querySelector("[data-part=studies] a")?.getAttribute("href")).toBe(
    "/studies/by-uid/1.2.9/",
  );
});

test("what arrived before is not sent again", async () => {
  const files = [found(await slice("1.2.1")), found(await slice("1.2.2"))];
  const sources = files.map(fileSource);
  there = await Promise.all(
    sources.map(async (source) => file(await fingerprint(source, await source.look()), "stored")),
  );
  await element().take(files);
  expect([text("headline"), text("stored"), text("known"), text("waiting")]).toEqual(["Done", "0", "2", "0"]);
  expect(document.querySelector("[data-part=studies] a")).not.toBeNull();
});

test("what is not DICOM is left out and listed with its reason", async () => {
  answers.push(stored);
  await element().take([found(new File(["readme"], "readme.txt")), found(await slice("1.2.1"))]);
  expect([text("stored"), text("skipped")]).toEqual(["1", "1"]);
  expect(document.querySelector("[data-part=problems] tr")?.textContent).toBe("CD/readme.txtnot DICOM");
});

test("a refused file is listed by its name with the words of the portal", async () => {
  answers.push({ status: 200, judge: (name) => file(name, "refused", "pixel data is missing") });
  await element().take([found(await slice("1.2.1"))]);
  expect([text("headline"), text("refused")]).toEqual(["Done, but", "1"]);
  expect([hidden("refusals"), hidden("doubts")]).toEqual([false, true]);
  expect(document.querySelector("[data-part=problems] tr")?.textContent).toBe(
    "CD/1.2.1pixel data is missing",
  );
});

test("what is left out after a refusal was shown is listed too, and the refusal once", async () => {
  const files = await Promise.all(Array.from({ length: 8 }, async (_, n) => found(await slice(`1.2.${n}`))));
  const [first] = files.map(fileSource);
  if (first) there = [file(await fingerprint(first, await first.look()), "refused", "pixel data is missing")];
  let readOn: (bytes: ArrayBuffer) => void = () => undefined;
  const late = new File(["readme"], "readme.txt");
  const read = new Promise<ArrayBuffer>((resolve) => {
    readOn = resolve;
  });
  vi.spyOn(late, "slice").mockReturnValue({ size: 6, arrayBuffer: () => read } as Blob);
  answers.push(stored, stored, stored);
  const rows = () =>
    [...document.querySelectorAll("[data-part=problems] tr")].map(({ textContent }) => textContent);
  const taken = element().take([...files, found(late)]);
  await eventually(() => {
    dispatchEvent(new Event("online"));
    expect(rows()).toEqual(["CD/1.2.0pixel data is missing"]);
  });
  readOn(await new Blob(["readme"]).arrayBuffer());
  await taken;
  expect(rows()).toEqual(["CD/1.2.0pixel data is missing", "CD/readme.txtnot DICOM"]);
  expect([text("refused"), text("skipped")]).toEqual(["1", "1"]);
});

test("what is in doubt leads to the decision, not to the study", async () => {
  answers.push({ status: 200, judge: (name) => ({ ...file(name, "held"), StudyInstanceUID: "1.2.9" }) });
  await element().take([found(await slice("1.2.1"))]);
  expect([text("headline"), text("held"), hidden("doubts")]).toEqual(["In doubt", "1", false]);
  expect(hidden("refusals")).toBe(true);
  expect(document.querySelector("[data-part=studies] a")).toBeNull();
});

test("a folder without any DICOM file says so", async () => {
  await element().take([found(new File(["x"], "x.txt"))]);
  expect(text("headline")).toBe("No DICOM");
});

test("when the session is over it waits, and goes on from where it was", async () => {
  answers.push({ ...stored, status: 401 });
  await element().take([found(await slice("1.2.1"))]);
  expect([text("headline"), hidden("resume")]).toEqual(["Sign in again", false]);
  answers.push(stored);
  part("resume")?.dispatchEvent(new Event("click"));
  await eventually(() => expect(text("headline")).toBe("Done"));
});

test("when the session is over before it began, Go on begins", async () => {
  posted.push({ url: "", status: 401, json: {} });
  const taken = element().take([found(await slice("1.2.1"))]);
  await eventually(() => expect([text("headline"), hidden("resume")]).toEqual(["Sign in again", false]));
  answers.push(stored);
  part("resume")?.dispatchEvent(new Event("click"));
  await eventually(() => expect(text("headline")).toBe("Done"));
  await taken;
});

test("how many files it has is told before it ends", async () => {
  answers.push(stored);
  await element().take([found(await slice("1.2.1")), found(new File(["x"], "x.txt"))]);
  const [url, request] = vi.mocked(fetch).mock.lastCall as [string, { body: string }];
  const size = (await slice("1.2.1")).size;
  expect([url, JSON.parse(request.body)]).toEqual([
    "/uploads/u1/answered",
    { files: [], total: { files: 1, bytes: size } },
  ]);
});

test("what is cancelled while files are looked at sends nothing more", async () => {
  const many = await Promise.all(
    Array.from({ length: 130 }, async (_, number) => found(await slice(`1.2.${number}`))),
  );
  const taken = element().take(many);
  part("cancel")?.dispatchEvent(new Event("click"));
  await taken;
  expect([hidden("again"), text("waiting")]).toEqual([false, "0"]);
});

test("leaving is warned of while something is on its way, and not before or after", async () => {
  const leave = () => {
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(leave()).toBe(false);
  void element().take([found(await slice("1.2.1"))]);
  await eventually(() => expect(text("waiting")).toBe("1"));
  expect(leave()).toBe(true);
  part("cancel")?.dispatchEvent(new Event("click"));
  expect(leave()).toBe(false);
});

test("an unfinished upload is continued by choosing its folder again", () => {
  const folder = part("folder") as HTMLInputElement;
  const chosen = vi.spyOn(folder, "click");
  part("continue")?.dispatchEvent(new Event("click"));
  expect(chosen).toHaveBeenCalledOnce();
});

test("an unfinished upload that is given up leaves the list", async () => {
  part("discard")?.dispatchEvent(new Event("click"));
  await eventually(() => expect(document.querySelector("[data-upload]")).toBeNull());
  expect(hidden("unfinished")).toBe(true);
});
