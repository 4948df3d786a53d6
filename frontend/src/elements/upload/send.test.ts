import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { csrfToken, sender } from "./send";

const BATCH = { parcels: [{ file: new Blob(["abc"]), path: "1", sopInstanceUID: "1.2" }], bytes: 3 };

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

test("a batch goes as one STOW-RS request with the session's token", async () => {
  const sending = sender("/dicom-web/studies", () => "token")(
    BATCH,
    () => undefined,
    new AbortController().signal,
  );
  FakeRequest.last.answer(200, "{}");
  expect(await sending).toEqual({ status: 200, text: "{}", retryAfterS: 7 });
  expect(FakeRequest.last.open).toHaveBeenCalledWith("POST", "/dicom-web/studies");
  expect(FakeRequest.last.headers["X-CSRFToken"]).toBe("token");
  expect(FakeRequest.last.headers["Content-Type"]).toMatch(
    /^multipart\/related; type="application\/dicom"; boundary=/,
  );
});

test("bytes are counted without the headers of the parts", () => {
  const onBytes = vi.fn();
  void sender("/", () => "")(BATCH, onBytes, new AbortController().signal);
  FakeRequest.last.upload.onprogress?.({ loaded: 250 });
  expect(onBytes).toHaveBeenCalledWith(3);
});

test("ending it gives the status of a broken line", async () => {
  const control = new AbortController();
  const sending = sender("/", () => "")(BATCH, () => undefined, control.signal);
  control.abort();
  expect((await sending).status).toBe(0);
});

test("the token of a newer sign-in is preferred to that of the page", () => {
  document.body.innerHTML = `<input type="hidden" name="csrfmiddlewaretoken" value="old">`;
  expect(csrfToken(document.body)).toBe("old");
  // biome-ignore lint/suspicious/noDocumentCookie: Django sets it by header; a test has no server
  document.cookie = "bitewing-csrf=new";
  expect(csrfToken(document.body)).toBe("new");
});
