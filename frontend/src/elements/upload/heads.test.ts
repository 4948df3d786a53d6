import { afterEach, expect, test, vi } from "vitest";
import { readHead } from "./heads";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

afterEach(() => vi.restoreAllMocks());

test("files that are asked for at once are read by one read, each getting its own beginning", async () => {
  const reads = vi.spyOn(Blob.prototype, "arrayBuffer");
  const files = ["one", "", "x".repeat(20_000), "four"].map((content) => new File([content], "file"));

  const heads = await Promise.all(files.map(readHead));

  expect(heads.map(text)).toEqual(["one", "", "x".repeat(16_384), "four"]);
  expect(reads).toHaveBeenCalledTimes(1);
});

test("those that come later are not kept waiting, nor mixed up", async () => {
  const first = readHead(new File(["first"], "file"));
  await Promise.resolve();
  const second = readHead(new File(["second"], "file"));

  expect([text(await first), text(await second)]).toEqual(["first", "second"]);
});

test("a file that cannot be read spoils no other", async () => {
  const read = Blob.prototype.arrayBuffer;
  vi.spyOn(Blob.prototype, "arrayBuffer").mockImplementation(async function (this: Blob) {
    const bytes = await read.call(this);
    if (text(new Uint8Array(bytes)).includes("gone")) throw new DOMException("gone", "NotReadableError");
    return bytes;
  });

  const [before, gone, after] = await Promise.allSettled(
    ["before", "gone", "after"].map((content) => readHead(new File([content], "file"))),
  );

  expect(before?.status === "fulfilled" && text(before.value)).toBe("before");
  expect(gone?.status).toBe("rejected");
  expect(after?.status === "fulfilled" && text(after.value)).toBe("after");
});
