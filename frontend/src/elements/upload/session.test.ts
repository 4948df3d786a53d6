import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parcel } from "./fixtures";
import { RefusedError, Session } from "./session";

const answered = (...files: string[]) => ({
  files: files.map((file) => ({ file, status: "stored", message: "", StudyInstanceUID: "1.2.9" })),
});

const fetched = vi.fn();
let control: AbortController;
const session = () => new Session("/uploads/", chosen, () => "token", control.signal);
const reply = (status: number, json: object = {}) => new Response(JSON.stringify(json), { status });
const asked = (call: number) => {
  const [url, { body, headers }] = fetched.mock.calls[call] as [string, { body: string; headers: object }];
  return { url, body: JSON.parse(body), headers };
};

beforeEach(() => {
  vi.useFakeTimers();
  control = new AbortController();
  fetched.mockReset();
  vi.stubGlobal("fetch", fetched);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const chosen = ["CD/a", "CD/b"].map((path) => ({
  file: new File(["12345"], path, { lastModified: 1 }),
  path,
}));

test("an upload begins with what was chosen, learns what is there, and tells what it has at the end", async () => {
  fetched
    .mockResolvedValueOnce(reply(200, { id: "u1", ...answered("a") }))
    .mockResolvedValueOnce(reply(200, answered()))
    .mockResolvedValueOnce(reply(200, answered()));
  const upload = session();
  expect([...(await upload.enter([parcel("a"), parcel("b")])).keys()]).toEqual(["a"]);
  await upload.enter([parcel("c")]);
  await upload.close();
  expect(asked(0)).toMatchObject({
    url: "/uploads/begin",
    body: { label: "CD", files: 0, bytes: 0, asked: ["a", "b"] },
    headers: { "X-CSRFToken": "token" },
  });
  expect(asked(1)).toMatchObject({ url: "/uploads/u1/answered", body: { files: ["c"] } });
  expect(asked(2)).toMatchObject({
    url: "/uploads/u1/answered",
    body: { files: [], total: { files: 3, bytes: 15 } },
  });
});

test("thousands of files are asked after in portions", async () => {
  fetched.mockImplementation(async () => reply(200, { id: "u1", files: [] }));
  await session().answered(Array.from({ length: 4500 }, (_, index) => parcel(String(index))));
  const [first, second, third] = [0, 1, 2].map((call) => asked(call).body);
  expect([first.asked.length, second.files.length, third.files.length]).toEqual([2000, 2000, 500]);
});

test("a line that is lost is waited for", async () => {
  fetched
    .mockRejectedValueOnce(new TypeError("Failed to fetch"))
    .mockResolvedValueOnce(reply(503))
    .mockResolvedValueOnce(reply(200, { id: "u1", files: [] }));
  const upload = session();
  const begun = upload.enter([parcel("a")]);
  while (fetched.mock.calls.length < 3) await vi.advanceTimersByTimeAsync(1000);
  await begun;
  expect([upload.isBegun, upload.url]).toEqual([true, "/uploads/u1"]);
});

test.each([401, 403])("a refusal (%i) is for the person", async (status) => {
  fetched.mockResolvedValue(reply(status));
  await expect(session().enter([parcel("a")])).rejects.toEqual(new RefusedError(status));
});

test("nobody waits any more once the page is left", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  control.abort();
  await expect(session().enter([parcel("a")])).rejects.toBeInstanceOf(RefusedError);
});
