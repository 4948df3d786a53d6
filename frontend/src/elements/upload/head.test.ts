import { expect, test } from "vitest";
import { part10, source, vanished } from "./fixtures";
import { readKind } from "./head";

const CT = { sopClassUID: "1.2.840.10008.5.1.4.1.1.2", sopInstanceUID: "1.2.826.0.1.77" };

test("a DICOM file is known by its prefix", async () => {
  expect(await readKind(source(part10(CT)))).toBe("dicom");
});

test("a DICOMDIR is an index, not an image", async () => {
  expect(await readKind(source(part10({ ...CT, sopClassUID: "1.2.840.10008.1.3.10" })))).toBe("index");
});

test("a data set without preamble is left to the portal to judge", async () => {
  const bytes = new Uint8Array([8, 0, 5, 0, 10, 0, 0, 0, ...new Array(16).fill(32)]);
  expect(await readKind(source(bytes))).toBe("dicom");
});

test("a text file is not DICOM, and an empty one is named as such", async () => {
  expect(await readKind(source("[autorun]\r\nopen=viewer.exe\r\n".repeat(20)))).toBe("other");
  expect(await readKind(source(""))).toBe("empty");
});

test.each([[[0xff, 0xd8, 0xff, 0xe0]], [[0x89, 0x50, 0x4e, 0x47]]])(
  "a picture without DICOM is told apart: it needs a patient",
  async (magic) => {
    expect(await readKind(source(new Uint8Array([...magic, ...new Array(200).fill(1)])))).toBe("picture");
  },
);

test("a file whose meta information ends in the middle of a value does not throw", async () => {
  expect(await readKind(source(part10(CT).slice(0, 170)))).toBe("dicom");
});

test("a file that vanished from the disk is unreadable", async () => {
  expect(await readKind(vanished("x"))).toBe("unreadable");
});
