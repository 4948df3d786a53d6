import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { place } from "./place";
import { part10 } from "./upload/fixtures";
import type { UploadFolder } from "./upload-folder";
import "./upload-folder";

const CT = "1.2.840.10008.5.1.4.1.1.2";

const answers: { status: number; text: string }[] = [];

class FakeRequest {
  status = 0;
  responseText = "";
  upload = {};
  onloadend?: () => void;
  open() {}
  setRequestHeader() {}
  getResponseHeader = () => null;
  abort() {}
  send() {
    const answer = answers.shift();
    if (!answer) return;
    this.status = answer.status;
    this.responseText = answer.text;
    queueMicrotask(() => this.onloadend?.());
  }
}

const stored = (...uids: string[]) => ({
  status: 200,
  text: JSON.stringify({
    "00081190": { vr: "UR", Value: ["/dicom-web/studies/1.2.9"] },
    "00081199": { vr: "SQ", Value: uids.map((uid) => ({ "00081155": { vr: "UI", Value: [uid] } })) },
  }),
});

const slice = async (uid: string) =>
  new File([await part10({ sopClassUID: CT, sopInstanceUID: uid }).arrayBuffer()], uid);
const found = (file: File) => ({ file, path: `CD/${file.name}` });
const element = () => document.querySelector<UploadFolder>("upload-folder") as UploadFolder;
const part = (name: string) => document.querySelector(`[data-part="${name}"]`);
const text = (name: string) => part(name)?.textContent;
const hidden = (name: string) => part(name)?.hasAttribute("hidden");

beforeEach(() => {
  answers.length = 0;
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
  place(`
    <upload-folder data-url="/dicom-web/studies" data-study-url="/studies/by-uid/{uid}/" data-batch-bytes="1000000" data-parallel="3">
      <div data-part="zone"><input type="file" data-part="folder"><input type="file" data-part="files"></div>
      <section data-part="status" hidden>
        <h2 data-part="headline"></h2>
        <button data-part="pause"></button><button data-part="resume" hidden></button>
        <button data-part="cancel"></button><button data-part="again" hidden></button>
        <progress data-part="bar"></progress><span data-part="bytes"></span><span data-part="rate"></span>
        <b data-part="stored"></b><b data-part="refused"></b><b data-part="skipped"></b><b data-part="waiting"></b>
        <ul data-part="studies"></ul>
        <details data-part="problems" hidden><table><tbody></tbody></table></details>
      </section>
      <template data-messages>
        <p data-key="done">Done</p><p data-key="done-with-problems">Done, but</p><p data-key="nothing">No DICOM</p>
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
  answers.push(stored("1.2.1", "1.2.2"));
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

test("what is not DICOM is left out and listed with its reason", async () => {
  answers.push(stored("1.2.1"));
  await element().take([found(new File(["readme"], "readme.txt")), found(await slice("1.2.1"))]);
  expect([text("stored"), text("skipped")]).toEqual(["1", "1"]);
  expect(document.querySelector("[data-part=problems] tr")?.textContent).toBe("CD/readme.txtnot DICOM");
});

test("a refused file is listed by its name with the words of the server", async () => {
  const failed = { "00081155": { Value: ["1.2.1"] }, "00000902": { Value: ["pixel data is missing"] } };
  answers.push({ status: 409, text: JSON.stringify({ "00081198": { Value: [failed] } }) });
  await element().take([found(await slice("1.2.1"))]);
  expect([text("headline"), text("refused")]).toEqual(["Done, but", "1"]);
  expect(document.querySelector("[data-part=problems] tr")?.textContent).toBe(
    "CD/1.2.1pixel data is missing",
  );
});

test("a folder without any DICOM file says so", async () => {
  await element().take([found(new File(["x"], "x.txt"))]);
  expect(text("headline")).toBe("No DICOM");
});

test("when the session is over it waits, and goes on from where it was", async () => {
  answers.push({ status: 401, text: "" });
  await element().take([found(await slice("1.2.1"))]);
  expect([text("headline"), hidden("resume")]).toEqual(["Sign in again", false]);
  answers.push(stored("1.2.1"));
  part("resume")?.dispatchEvent(new Event("click"));
  await vi.waitFor(() => expect(text("headline")).toBe("Done"));
});

test("leaving is warned of while something is on its way, and not before or after", async () => {
  const leave = () => {
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(leave()).toBe(false);
  void element().take([found(await slice("1.2.1"))]);
  await vi.waitFor(() => expect(text("waiting")).toBe("1"));
  expect(leave()).toBe(true);
  part("cancel")?.dispatchEvent(new Event("click"));
  expect(leave()).toBe(false);
});

test("after the end another folder can be given", async () => {
  await element().take([]);
  part("again")?.dispatchEvent(new Event("click"));
  expect([hidden("zone"), hidden("status")]).toEqual([false, true]);
});
