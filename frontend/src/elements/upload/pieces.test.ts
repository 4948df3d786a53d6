import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { batchOf } from "./batch";
import { parcel } from "./fixtures";
import { sender } from "./send";

const sent: { url: string; body: Blob }[] = [];
const asked = vi.fn();
let statuses: number[] = [];
let there: number[] = [];

class FakeRequest {
  status = 0;
  responseText = "{}";
  upload: { onprogress?: (event: { loaded: number }) => void } = {};
  onloadend?: () => void;
  private url = "";
  open(_method: string, url: string) {
    this.url = url;
  }
  setRequestHeader() {}
  getResponseHeader = () => null;
  abort() {}
  send(body: Blob) {
    sent.push({ url: this.url, body });
    this.status = statuses.shift() ?? 200;
    this.upload.onprogress?.({ loaded: body.size });
    queueMicrotask(() => this.onloadend?.());
  }
}

const LARGE = batchOf([parcel("big", "abcdefghijk")]);
const send = (onBytes: (bytes: number) => void = () => undefined, control = new AbortController()) =>
  sender(
    () => "/uploads/u1",
    () => "token",
    4,
  )(LARGE, onBytes, control.signal);
const bodies = () => Promise.all(sent.map(({ body }) => body.text()));

beforeEach(() => {
  sent.length = 0;
  statuses = [];
  there = [];
  asked.mockReset();
  asked.mockImplementation(async (url: string) => {
    const json = url.endsWith("/pieces") ? { pieces: there } : { files: [{ file: "big", status: "stored" }] };
    return new Response(JSON.stringify(json), { status: 200 });
  });
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
  vi.stubGlobal("fetch", asked);
});

afterEach(() => vi.unstubAllGlobals());

test("a large file goes in pieces and is joined at the end", async () => {
  const outcome = await send();
  expect(await bodies()).toEqual(["abcd", "efgh", "ijk"]);
  expect(sent.map(({ url }) => url)).toEqual(
    [0, 1, 2].map((number) => `/uploads/u1/piece?file=big&number=${number}`),
  );
  expect(asked.mock.calls.at(-1)?.[0]).toBe("/uploads/u1/join");
  expect(JSON.parse(asked.mock.calls.at(-1)?.[1].body)).toEqual({ file: "big", size: 11 });
  expect(outcome.text).toContain("stored");
});

test("pieces that arrived before are not sent again", async () => {
  there = [0, 2];
  const counted: number[] = [];
  await send((bytes) => counted.push(bytes));
  expect(await bodies()).toEqual(["efgh"]);
  expect(counted).toEqual([4, 8, 8, 11]);
});

test("a line that breaks between pieces is told, and nothing is joined", async () => {
  statuses = [200, 0];
  expect((await send()).status).toBe(0);
  expect(asked).toHaveBeenCalledOnce();
});

test("a small file goes whole", async () => {
  await sender(
    () => "/uploads/u1",
    () => "token",
    40,
  )(LARGE, () => undefined, new AbortController().signal);
  expect(sent.map(({ url }) => url)).toEqual(["/uploads/u1/files"]);
});
