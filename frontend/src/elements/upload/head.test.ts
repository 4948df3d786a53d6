import { expect, test } from "vitest";
import { part10 } from "./fixtures";
import { readKind } from "./head";

const headOf = async (content: BlobPart) => new Uint8Array(await new Blob([content]).arrayBuffer());

const CT = { sopClassUID: "1.2.840.10008.5.1.4.1.1.2", sopInstanceUID: "1.2.826.0.1.77" };

test("a DICOM file is known by its prefix", async () => {
  expect(readKind(await headOf(part10(CT)))).toBe("dicom");
});

test("a DICOMDIR is an index, not an image", async () => {
  expect(readKind(await headOf(part10({ ...CT, sopClassUID: "1.2.840.10008.1.3.10" })))).toBe("index");
});

test("a data set without preamble is left to the portal to judge", async () => {
  const bytes = new Uint8Array([8, 0, 5, 0, 10, 0, 0, 0, ...new Array(16).fill(32)]);
  expect(readKind(await headOf(bytes))).toBe("dicom");
});

test("a text file is not DICOM, and an empty one is named as such", async () => {
  expect(readKind(await headOf("[autorun]\r\nopen=viewer.exe\r\n".repeat(20)))).toBe("other");
  expect(readKind(await headOf(""))).toBe("empty");
});

test.each([[[0xff, 0xd8, 0xff, 0xe0]], [[0x89, 0x50, 0x4e, 0x47]]])(
  "a picture without DICOM is told apart: it needs a patient",
  async (magic) => {
    expect(readKind(await headOf(new Uint8Array([...magic, ...new Array(200).fill(1)])))).toBe("picture");
  },
);

test("a file whose meta information ends in the middle of a value does not throw", async () => {
  expect(readKind(await headOf(part10(CT).slice(0, 170)))).toBe("dicom");
});

test("an archive is known by how it begins", async () => {
  expect(readKind(await headOf(new Uint8Array([0x50, 0x4b, 3, 4, ...new Array(60).fill(0)])))).toBe(
    "archive",
  );
  expect(readKind(await headOf(new Uint8Array([0x50, 0x4b, 5, 6, ...new Array(18).fill(0)])))).toBe(
    "archive",
  );
  expect(readKind(await headOf("PK but no archive at all"))).toBe("other");
});
