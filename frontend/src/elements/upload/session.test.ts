import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parcel } from "./fixtures";
import { RefusedError, Session } from "./session";

const answered = (...files: string[]) => ({
  files: files.map((file) => ({ file, status: "stored", message: "", StudyInstanceUID: "1.2.9" })),
});

const fetched = vi.fn();
let control: AbortController;
const session = () => new Session("/uploads/", () => "token", control.signal);
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

test("an upload begins with what it is, and learns what is there", async () => {
  fetched.mockResolvedValueOnce(reply(200, { id: "u1" })).mockResolvedValueOnce(reply(200, answered("a")));
  const there = await session().begin([parcel("a"), parcel("b")], "CD");
  expect([...there.keys()]).toEqual(["a"]);
  expect(asked(0)).toMatchObject({
    url: "/uploads/begin",
    body: { label: "CD", files: 2, bytes: 10 },
    headers: { "X-CSRFToken": "token" },
  });
  expect(asked(1)).toMatchObject({ url: "/uploads/u1/answered", body: { files: ["a", "b"] } });
});

test("thousands of files are asked after in portions", async () => {
  fetched.mockImplementation(async () => reply(200, { id: "u1", files: [] }));
  await session().begin(
    Array.from({ length: 4500 }, (_, index) => parcel(String(index))),
    "CD",
  );
  const sizes = [1, 2, 3].map((call) => asked(call).body.files.length);
  expect(sizes).toEqual([2000, 2000, 500]);
});

test("a line that is lost is waited for", async () => {
  fetched
    .mockRejectedValueOnce(new TypeError("Failed to fetch"))
    .mockResolvedValueOnce(reply(503))
    .mockResolvedValueOnce(reply(200, { id: "u1" }))
    .mockResolvedValueOnce(reply(200, answered()));
  const begun = session().begin([parcel("a")], "CD");
  await vi.waitFor(() => expect(fetched).toHaveBeenCalledTimes(4), { timeout: 10_000 });
  expect((await begun).size).toBe(0);
});

test.each([401, 403])("a refusal (%i) is for the person", async (status) => {
  fetched.mockResolvedValue(reply(status));
  await expect(session().begin([parcel("a")], "CD")).rejects.toEqual(new RefusedError(status));
});

test("nobody waits any more once the page is left", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  control.abort();
  await expect(session().begin([parcel("a")], "CD")).rejects.toBeInstanceOf(RefusedError);
});
