import { expect, test } from "vitest";
import { lift, liftOf } from "./stored";

function lifted(bitsStored: number, isSigned: boolean, ...values: number[]): number[] {
  const words = new Uint16Array(values);
  lift(new Uint8Array(words.buffer), { bitsAllocated: 16, bitsStored, isSigned });
  return [...words];
}

test("values lose what lies above the stored bits", () => {
  expect(lifted(12, false, 0xf123, 0x0fff)).toEqual([0x0123, 0x0fff]);
});

test("values that are signed are lifted above zero", () => {
  expect(lifted(12, true, 0xffff, 0x0001)).toEqual([2047, 2049]);
  expect(lifted(16, true, 0x8000, 0x7fff)).toEqual([0, 0xffff]);
  expect(liftOf({ bitsAllocated: 16, bitsStored: 12, isSigned: true })).toBe(2048);
});

test("values that fill their bits stay as they are", () => {
  expect(lifted(16, false, 0xf123)).toEqual([0xf123]);
});

test("values of eight bits are single bytes", () => {
  const bytes = new Uint8Array([0x80, 0x7f]);
  lift(bytes, { bitsAllocated: 8, bitsStored: 8, isSigned: true });
  expect([...bytes]).toEqual([0, 0xff]);
});
