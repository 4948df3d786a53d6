import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { eventually } from "../../testing/eventually";
import { batchOf } from "./batch";
import { batch, vanished } from "./fixtures";
import { csrfToken, sender } from "./send";

const BATCH = batch("abc");

class FakeRequest {
  static last: FakeRequest;
  status = 0;
  responseText = "";
  headers: Record<string, string> = {};
  upload: { onprogress?: (event: { loaded: number }) => void } = {};
  onloadend?: () => void;
  open = vi.fn();
  send = vi.fn();
  constructor() {
    FakeRequest.last = this;
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  getResponseHeader = () => "7";
  abort() {
    this.onloadend?.();
  }
  answer(status: number, text: string) {
    this.status = status;
    this.responseText = text;
    this.onloadend?.();
  }
}

beforeEach(() => vi.stubGlobal("XMLHttpRequest", FakeRequest));
afterEach(() => vi.unstubAllGlobals());

const to = (url: string) =>
  sender(
    () => url,
    () => "token",
    1_000_000,
  );
const sent = () => eventually(() => expect(FakeRequest.last?.send).toHaveBeenCalled());

test("a batch goes as one request with the session's token", async () => {
  const sending = to("/uploads/u1")(BATCH, () => undefined, new AbortController().signal);
  await sent();
  FakeRequest.last.answer(200, "{}");
  expect(await sending).toEqual({ status: 200, text: "{}", retryAfterS: 7 });
  expect(FakeRequest.last.open).toHaveBeenCalledWith("POST", "/uploads/u1/files");
  expect(FakeRequest.last.headers["X-CSRFToken"]).toBe("token");
  expect(FakeRequest.last.headers["Content-Type"]).toMatch(
    /^multipart\/related; type="application\/dicom"; boundary=/,
  );
});

test("bytes are counted without the headers of the parts", async () => {
  const onBytes = vi.fn();
  void to("/")(BATCH, onBytes, new AbortController().signal);
  await sent();
  FakeRequest.last.upload.onprogress?.({ loaded: 250 });
  expect(onBytes).toHaveBeenCalledWith(5);
});

test("ending it gives the status of a broken line", async () => {
  const control = new AbortController();
  const sending = to("/")(BATCH, () => undefined, control.signal);
  await sent();
  control.abort();
  expect((await sending).status).toBe(0);
});

test("a batch with a file that vanished looks like a broken line", async () => {
  const gone = batchOf([{ source: vanished("x"), fingerprint: "x" }]);
  expect((await to("/")(gone, () => undefined, new AbortController().signal)).status).toBe(0);
});

test("the token of a newer sign-in is preferred to that of the page", () => {
  document.body.innerHTML = `<input type="hidden" name="csrfmiddlewaretoken" value="old">`;
  expect(csrfToken(document.body)).toBe("old");
  // biome-ignore lint/suspicious/noDocumentCookie: Django sets it by header; a test has no server
  document.cookie = "bitewing-csrf=new";
  expect(csrfToken(document.body)).toBe("new");
});
