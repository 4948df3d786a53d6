import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Batch } from "./batch";
import type { Outcome, Send } from "./send";
import { Transfer } from "./transfer";

const say = (key: string, values = {}) => [key, ...Object.values(values)].join(" ");
const parcel = (path: string) => ({ file: new Blob(["12345"]), path, sopInstanceUID: `1.2.${path}` });
const batch = (...paths: string[]): Batch => ({ parcels: paths.map(parcel), bytes: paths.length * 5 });
const outcome = (status: number, text = ""): Outcome => ({ status, text, retryAfterS: 0 });

const allStored: Send = async ({ parcels }) =>
  outcome(
    200,
    JSON.stringify({
      "00081190": { vr: "UR", Value: ["/dicom-web/studies/1.2.9"] },
      "00081199": {
        vr: "SQ",
        Value: parcels.map(({ sopInstanceUID }) => ({ "00081155": { Value: [sopInstanceUID] } })),
      },
    }),
  );

/** Answers with the statuses in turn, then stores all. */
const after = (...statuses: number[]) =>
  vi.fn<Send>((batch, onBytes, signal) => {
    const status = statuses.shift();
    return status === undefined ? allStored(batch, onBytes, signal) : Promise.resolve(outcome(status));
  });

const until = (signal: AbortSignal) =>
  new Promise<Outcome>((resolve) => signal.addEventListener("abort", () => resolve(outcome(0))));

const transfer = (batches: Batch[], send: Send, parallel = 3) =>
  new Transfer(batches, { send, say, parallel, onChange: () => undefined });

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("every batch is stored and its study known", async () => {
  const all = transfer([batch("a", "b"), batch("c")], allStored);
  await all.run();
  expect([all.phase, all.stored, all.sentBytes, all.waitingFiles]).toEqual(["done", 3, 15, 0]);
  expect([...all.studies]).toEqual(["1.2.9"]);
});

test("no more than three are on their way at once", async () => {
  let now = 0;
  let most = 0;
  const send: Send = async (...args) => {
    most = Math.max(most, ++now);
    await Promise.resolve();
    now--;
    return allStored(...args);
  };
  await transfer(
    ["a", "b", "c", "d", "e", "f"].map((path) => batch(path)),
    send,
  ).run();
  expect(most).toBe(3);
});

test("a lost line is tried again, later each time", async () => {
  const send = after(0, 502, 503);
  const all = transfer([batch("a")], send);
  const running = all.run();
  await vi.advanceTimersByTimeAsync(999);
  expect([send.mock.calls.length, all.retryInS]).toEqual([1, 1]);
  await vi.advanceTimersByTimeAsync(1 + 2000 + 4000);
  await running;
  expect([send.mock.calls.length, all.stored, all.phase]).toEqual([4, 1, "done"]);
});

test("a line that comes back ends the waiting", async () => {
  const all = transfer([batch("a")], after(0, 0, 0, 0));
  const running = all.run();
  await vi.advanceTimersByTimeAsync(7100);
  dispatchEvent(new Event("online"));
  await vi.advanceTimersByTimeAsync(16_000);
  await running;
  expect(all.stored).toBe(1);
});

test("a pause ends what is on its way, and going on sends it again", async () => {
  const send = vi.fn<Send>((_batch, _onBytes, signal) => until(signal));
  const all = transfer([batch("a"), batch("b")], send, 1);
  const first = all.run();
  all.hold("paused");
  await first;
  expect([all.phase, all.waitingFiles, all.sentBytes]).toEqual(["paused", 2, 0]);
  send.mockImplementation(allStored);
  await all.run();
  expect([all.phase, all.stored]).toEqual(["done", 2]);
  expect(send.mock.calls.map(([sent]) => sent.parcels[0]?.path)).toEqual(["a", "a", "b"]);
});

test("cancelling keeps what was stored and sends no more", async () => {
  const send = vi.fn<Send>((sent, onBytes, signal) =>
    sent.parcels[0]?.path === "a" ? allStored(sent, onBytes, signal) : until(signal),
  );
  const all = transfer([batch("a"), batch("b"), batch("c")], send, 1);
  const running = all.run();
  await vi.advanceTimersByTimeAsync(0);
  all.cancel();
  await running;
  expect([all.phase, all.stored, all.waitingFiles, send.mock.calls.length]).toEqual(["cancelled", 1, 0, 2]);
});

test.each([
  [401, "signed-out"],
  [403, "not-allowed"],
  [507, "storage-full"],
])("%i waits for the person", async (status, phase) => {
  const all = transfer([batch("a"), batch("b")], after(status), 1);
  await all.run();
  expect([all.phase, all.waitingFiles]).toEqual([phase, 2]);
  await all.run();
  expect([all.phase, all.stored]).toEqual(["done", 2]);
});

test("a batch that is too large is sent file by file", async () => {
  const send = after(413, 413);
  const all = transfer([batch("a", "b")], send, 1);
  await all.run();
  expect([all.stored, send.mock.calls.length]).toEqual([1, 3]);
  expect(all.problems).toEqual([{ path: "a", reason: "reason-too-large 413" }]);
});

test("a body that the server does not read is refused file by file, with the status", async () => {
  const all = transfer([batch("a", "b")], after(400));
  await all.run();
  expect(all.problems.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
    "a: reason-not-accepted 400",
    "b: reason-not-accepted 400",
  ]);
  expect(all.phase).toBe("done");
});

test("a refusal without words shows the failure reason of the standard", async () => {
  const text = JSON.stringify({
    "00081198": { Value: [{ "00081155": { Value: ["1.2.a"] }, "00081197": { Value: [43264] } }] },
  });
  const all = transfer([batch("a")], async () => outcome(409, text));
  await all.run();
  expect(all.problems).toEqual([{ path: "a", reason: "reason-failed A900H" }]);
});

test("a file that vanished is named, and the rest goes on", async () => {
  const gone = {
    size: 5,
    slice: () => ({ arrayBuffer: () => Promise.reject(new Error("NotReadableError")) }),
  };
  const mixed: Batch = {
    parcels: [parcel("a"), { ...parcel("b"), file: gone as unknown as Blob }],
    bytes: 10,
  };
  const all = transfer([mixed], after(0));
  const running = all.run();
  await vi.advanceTimersByTimeAsync(1000);
  await running;
  expect([all.stored, all.sentBytes]).toEqual([1, 10]);
  expect(all.problems).toEqual([{ path: "b", reason: "reason-unreadable" }]);
});
