import { expect, test } from "vitest";
import { fromBase64Url, toBase64Url } from "./base64url";

test.each([
  [[], ""],
  [[102], "Zg"],
  [[102, 111], "Zm8"],
  [[102, 111, 111], "Zm9v"],
  [[255, 239, 190], "_---"],
  [[251, 255], "-_8"],
])("%j is %s", (bytes, text) => {
  expect(toBase64Url(new Uint8Array(bytes))).toBe(text);
  expect([...fromBase64Url(text)]).toEqual(bytes);
});
