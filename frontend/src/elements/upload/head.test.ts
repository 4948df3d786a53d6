import { expect, test } from "vitest";
import { part10 } from "./fixtures";
import { readHead } from "./head";

test("a DICOM file gives its SOP Instance UID", async () => {
  const file = part10({ sopClassUID: "1.2.840.10008.5.1.4.1.1.2", sopInstanceUID: "1.2.826.0.1.77" });
  expect(await readHead(file)).toEqual({ kind: "dicom", sopInstanceUID: "1.2.826.0.1.77" });
});

test("a DICOMDIR is an index, not an image", async () => {
  const file = part10({ sopClassUID: "1.2.840.10008.1.3.10", sopInstanceUID: "1.2.3" });
  expect(await readHead(file)).toEqual({ kind: "index" });
});

test("a data set without preamble is left to the server to judge", async () => {
  const file = new Blob([new Uint8Array([8, 0, 5, 0, 10, 0, 0, 0, ...new Array(16).fill(32)])]);
  expect(await readHead(file)).toEqual({ kind: "dicom", sopInstanceUID: "" });
});

test("a text file is not DICOM", async () => {
  expect(await readHead(new Blob(["[autorun]\r\nopen=viewer.exe\r\n".repeat(20)]))).toEqual({
    kind: "other",
  });
});

test("an empty file is named as such", async () => {
  expect(await readHead(new Blob([]))).toEqual({ kind: "empty" });
});

test("a file whose meta information ends in the middle of a value does not throw", async () => {
  const whole = part10({ sopClassUID: "1.2.840.10008.5.1.4.1.1.2", sopInstanceUID: "1.2.826.0.1.77" });
  expect(await readHead(whole.slice(0, 170))).toEqual({ kind: "dicom", sopInstanceUID: "" });
});

test("a file that vanished from the disk is unreadable", async () => {
  const gone = {
    size: 10,
    slice: () => ({ arrayBuffer: () => Promise.reject(new Error("NotReadableError")) }),
  };
  expect(await readHead(gone as unknown as Blob)).toEqual({ kind: "unreadable" });
});
