import { expect, test, vi } from "vitest";
import { source } from "./fixtures";
import { digestOf, fileSource, fingerprint, type Source } from "./source";

const printOf = async (given: Source) => fingerprint(given, await given.look());

const long = (middle: string) => `${"a".repeat(20_000)}${middle}${"z".repeat(20_000)}`;

test("a fingerprint is 32 bytes in base64url", async () => {
  expect(await printOf(source("x"))).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test("the same file has the same fingerprint, another one another", async () => {
  const one = await printOf(source("content", "CD/1"));
  expect(await printOf(source("content", "CD/1"))).toBe(one);
  expect(await printOf(source("content", "CD/2"))).not.toBe(one);
  expect(await printOf(source("Content", "CD/1"))).not.toBe(one);
  expect(await printOf(source("content ", "CD/1"))).not.toBe(one);
});

test("of a large file only the beginning is read", async () => {
  expect(await printOf(source(long("m")))).toBe(await printOf(source(long("n"))));
  expect(await printOf(source(`b${long("m").slice(1)}`))).not.toBe(await printOf(source(long("m"))));
});

test("a folder is the same in whatever order its files were found, and another one is not", async () => {
  const file = (path: string, content = "x", lastModified = 1) => ({
    file: new File([content], path, { lastModified }),
    path,
  });
  const [a, b] = [file("CD/a"), file("CD/b")];
  expect(await digestOf([a, b])).toBe(await digestOf([b, a]));
  for (const other of [file("CD/c"), file("CD/b", "xy"), file("CD/b", "x", 2)]) {
    expect(await digestOf([a, other])).not.toBe(await digestOf([a, b]));
  }
});

test("discs with the same viewer and other images are told apart", async () => {
  const disc = (content: string) =>
    Array.from({ length: 340 }, (_, index) => ({
      file: new File([index < 20 ? "viewer" : content], "x", { lastModified: 1 }),
      path: index < 20 ? `BIN/${index}.dll` : `DICOM/IM${index}`,
    }));
  expect(await digestOf(disc("one"))).not.toBe(await digestOf(disc("other")));
});

test("for a folder of many files the disk is looked at for a few", async () => {
  const sizes = vi.spyOn(Blob.prototype, "size", "get");
  const many = Array.from({ length: 500 }, (_, index) => ({
    file: new File(["x"], "x"),
    path: `CD/${index}`,
  }));
  many.map(fileSource);
  await digestOf(many);
  expect(sizes.mock.calls.length).toBeLessThan(20);
  sizes.mockRestore();
});

test("a look reads the beginning of a file, and of a short one the whole", async () => {
  expect((await source(long("m")).look()).head).toHaveLength(16_384);
  expect((await source("short").look()).head).toEqual(new TextEncoder().encode("short"));
});

test("a file that was written again is another one", async () => {
  const written = (lastModified: number) =>
    printOf(fileSource({ file: new File(["content"], "1", { lastModified }), path: "CD/1" }));
  expect(await written(1)).toBe(await written(1));
  expect(await written(1)).not.toBe(await written(2));
});
