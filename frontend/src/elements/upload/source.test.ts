import { expect, test } from "vitest";
import { source } from "./fixtures";
import { digestOf, fingerprint } from "./source";

const long = (middle: string) => `${"a".repeat(20_000)}${middle}${"z".repeat(20_000)}`;

test("a fingerprint is 32 bytes in base64url", async () => {
  expect(await fingerprint(source("x"))).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test("the same file has the same fingerprint, another one another", async () => {
  const one = await fingerprint(source("content", "CD/1"));
  expect(await fingerprint(source("content", "CD/1"))).toBe(one);
  expect(await fingerprint(source("content", "CD/2"))).not.toBe(one);
  expect(await fingerprint(source("Content", "CD/1"))).not.toBe(one);
  expect(await fingerprint(source("content ", "CD/1"))).not.toBe(one);
});

test("of a large file only the edges are read", async () => {
  expect(await fingerprint(source(long("m")))).toBe(await fingerprint(source(long("n"))));
  expect(await fingerprint(source(`b${long("m").slice(1)}`))).not.toBe(await fingerprint(source(long("m"))));
});

test("a folder is the same in whatever order its files were found", async () => {
  expect(await digestOf(["a", "b"])).toBe(await digestOf(["b", "a"]));
  expect(await digestOf(["a", "b"])).not.toBe(await digestOf(["a", "c"]));
});
