import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { eventually } from "../../testing/eventually";
import type { Answered } from "./answer";
import { type Batch, batchOf, type Parcel } from "./batch";
import { batch, parcel, vanished } from "./fixtures";
import type { Outcome, Send } from "./send";
import { RefusedError } from "./session";
import { Transfer } from "./transfer";

const say = (key: string, values = {}) => [key, ...Object.values(values)].join(" ");
const outcome = (status: number, text = ""): Outcome => ({ status, text, retryAfterS: 0 });
const answered = (file: string, status: Answered["status"] = "stored", message = ""): Answered => ({
  file,
  status,
  message,
  StudyInstanceUID: status === "refused" ? "" : "1.2.9",
});
const answers = (...files: Answered[]) => outcome(200, JSON.stringify({ files }));

const allStored: Send = async ({ parcels }) =>
  answers(...parcels.map(({ fingerprint }) => answered(fingerprint)));

/** Answers with the statuses in turn, then stores all. */
const after = (...statuses: number[]) =>
  vi.fn<Send>((batch, onBytes, signal) => {
    const status = statuses.shift();
    return status === undefined ? allStored(batch, onBytes, signal) : Promise.resolve(outcome(status));
  });

const until = (signal: AbortSignal) =>
  new Promise<Outcome>((resolve) => signal.addEventListener("abort", () => resolve(outcome(0))));

const nothing = async (_asked: Parcel[]) => new Map<string, Answered>();

const opened = (send: Send, { parallel = 3, batchBytes = 5, there = nothing } = {}) =>
  new Transfer({ send, answered: there, say, parallel, batchBytes, onChange: () => undefined });

/** All batches have the size of the largest, or less. */
const transfer = (batches: Batch[], send: Send, parallel = 3, there = nothing) => {
  const batchBytes = Math.max(0, ...batches.map(({ bytes }) => bytes));
  const all = opened(send, { parallel, batchBytes, there });
  for (const { parcels } of batches) all.add(parcels);
  all.close();
  return all;
};

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
  await vi.advanceTimersByTimeAsync(0);
  all.hold("paused");
  await first;
  expect([all.phase, all.waitingFiles, all.sentBytes]).toEqual(["paused", 2, 0]);
  send.mockImplementation(allStored);
  await all.run();
  expect([all.phase, all.stored]).toEqual(["done", 2]);
  expect(send.mock.calls.map(([sent]) => sent.parcels[0]?.fingerprint)).toEqual(["a", "a", "b"]);
});

test("cancelling keeps what was stored and sends no more", async () => {
  const send = vi.fn<Send>((sent, onBytes, signal) =>
    sent.parcels[0]?.fingerprint === "a" ? allStored(sent, onBytes, signal) : until(signal),
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

test("a body that the portal does not read is refused file by file, with the status", async () => {
  const all = transfer([batch("a", "b")], after(400));
  await all.run();
  expect(all.problems.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
    "a: reason-not-accepted 400",
    "b: reason-not-accepted 400",
  ]);
  expect(all.phase).toBe("done");
});

test("what is refused, in doubt or known is told apart", async () => {
  const send: Send = async () =>
    answers(
      answered("a", "duplicate"),
      answered("b", "held"),
      answered("c", "quarantined", "it breaks off"),
      answered("d", "refused"),
    );
  const all = transfer([batch("a", "b", "c", "d")], send);
  await all.run();
  expect([all.stored, all.known, all.held, all.refused]).toEqual([0, 1, 1, 2]);
  expect(all.problems).toEqual([
    { path: "b", reason: "reason-held" },
    { path: "c", reason: "it breaks off" },
    { path: "d", reason: "reason-refused" },
  ]);
});

test("after a lost line only what did not arrive goes again", async () => {
  const send = after(0);
  const there = async () => new Map([["a", answered("a")]]);
  const all = transfer([batch("a", "b")], send, 1, there);
  const running = all.run();
  await vi.advanceTimersByTimeAsync(1000);
  await running;
  expect(send.mock.calls.map(([sent]) => sent.parcels.map(({ fingerprint }) => fingerprint))).toEqual([
    ["a", "b"],
    ["b"],
  ]);
  expect([all.stored, all.sentBytes, all.phase]).toEqual([2, 10, "done"]);
});

test("what did not arrive goes again in halves", async () => {
  const send = after(0);
  const all = transfer([batch("a", "b", "c", "d")], send, 1);
  const running = all.run();
  await vi.advanceTimersByTimeAsync(1000);
  await running;
  expect(send.mock.calls.map(([sent]) => sent.parcels.length)).toEqual([4, 2, 2]);
});

test("signed out while it asks what arrived, it waits for the person", async () => {
  const there = vi.fn(nothing).mockRejectedValueOnce(new RefusedError(401));
  const all = transfer([batch("a")], after(0), 1, there);
  const running = all.run();
  await vi.advanceTimersByTimeAsync(1000);
  await running;
  expect([all.phase, all.waitingFiles]).toEqual(["signed-out", 1]);
  await all.run();
  expect([all.phase, all.stored]).toEqual(["done", 1]);
});

test("what was there before is counted, and not as sent", () => {
  const all = transfer([], allStored);
  all.note(answered("a"), "CD/a");
  all.note(answered("b", "refused", "no pixels"), "CD/b");
  expect([all.stored, all.known, all.refused, all.sentBytes]).toEqual([0, 1, 1, 0]);
  expect(all.problems).toEqual([{ path: "CD/b", reason: "no pixels" }]);
  expect([...all.studies]).toEqual(["1.2.9"]);
});

test("a file that vanished is named, and the rest goes on", async () => {
  const mixed = batchOf([parcel("a"), { source: vanished("b"), fingerprint: "b" }]);
  const all = transfer([mixed], after(0));
  const running = all.run();
  await vi.advanceTimersByTimeAsync(1000);
  await running;
  expect([all.stored, all.sentBytes]).toEqual([1, 10]);
  expect(all.problems).toEqual([{ path: "b", reason: "reason-unreadable" }]);
});

test("files go while others are still looked at, and it ends when no more come", async () => {
  const sent: string[][] = [];
  const send: Send = (given, ...rest) => {
    sent.push(given.parcels.map(({ source }) => source.path));
    return allStored(given, ...rest);
  };
  const all = opened(send, { batchBytes: 10 });
  const running = all.run();

  all.add([parcel("a"), parcel("b"), parcel("c")]);
  await eventually(() => expect(all.stored).toBe(3));
  expect([all.phase, all.waitingFiles, all.totalBytes]).toEqual(["running", 0, 15]);
  all.add([parcel("d")]);
  all.close();
  await running;

  expect(sent).toEqual([["a", "b"], ["c"], ["d"]]);
  expect([all.phase, all.stored, all.waitingFiles]).toEqual(["done", 4, 0]);
});

test("what is found while all are busy goes in full batches", async () => {
  const sent: string[][] = [];
  let answer = () => {};
  const send: Send = async (given, ...rest) => {
    sent.push(given.parcels.map(({ source }) => source.path));
    if (sent.length === 1) await new Promise<void>((resolve) => (answer = resolve));
    return allStored(given, ...rest);
  };
  const all = opened(send, { batchBytes: 10, parallel: 1 });
  const running = all.run();
  for (const path of ["a", "b", "c", "d"]) {
    all.add([parcel(path)]);
    await vi.advanceTimersByTimeAsync(0);
  }
  expect([sent, all.waitingFiles]).toEqual([[["a"]], 4]);
  answer();
  all.close();
  await running;

  expect(sent).toEqual([["a"], ["b", "c"], ["d"]]);
});

test("what comes while it is held waits, and goes when it goes on", async () => {
  const all = opened(allStored);
  const first = all.run();
  all.hold("paused");
  await first;
  all.add([parcel("a")]);
  all.close();
  const unheld = all.unheld().then(() => all.phase);
  expect([all.phase, all.waitingFiles]).toEqual(["paused", 1]);
  await all.run();
  expect([await unheld, all.stored]).toEqual(["running", 1]);
});

test("a pause before anything went loses nothing", async () => {
  const all = transfer([batch("a")], allStored);
  const first = all.run();
  all.hold("paused");
  await first;
  expect([all.phase, all.waitingFiles]).toEqual(["paused", 1]);
  await all.run();
  expect([all.phase, all.stored]).toEqual(["done", 1]);
});

test("nothing waits any more once it is cancelled", async () => {
  const all = opened(allStored, { batchBytes: 100 });
  const running = all.run();
  all.add([parcel("a")]);
  all.cancel();
  await running;
  await all.unheld();
  expect([all.phase, all.waitingFiles, all.stored]).toEqual(["cancelled", 0, 0]);
});
