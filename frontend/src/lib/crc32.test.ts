import { expect, test } from "vitest";
import { crc32 } from "./crc32";

test.each([
  ["", 0],
  ["123456789", 0xcbf43926],
  ["The quick brown fox jumps over the lazy dog", 0x414fa339],
])("the checksum of %j", async (text, expected) => {
  expect(await crc32(new Blob([text]))).toBe(expected);
});
