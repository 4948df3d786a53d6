import { expect, test } from "vitest";
import { contentType, multipart, pack, split } from "./batch";

const parcel = (size: number, path = "x") => ({
  file: new Blob(["a".repeat(size)]),
  path,
  sopInstanceUID: "1.2",
});
const sizes = (parcels: ReturnType<typeof parcel>[], limit: number) =>
  pack(parcels, limit).map(({ bytes }) => bytes);

test("files are packed whole, up to the limit", () => {
  expect(sizes([parcel(4), parcel(5), parcel(3), parcel(3)], 10)).toEqual([9, 6]);
});

test("a file above the limit goes alone", () => {
  expect(sizes([parcel(4), parcel(25), parcel(4)], 10)).toEqual([4, 25, 4]);
});

test("a batch can be split into its files", () => {
  const batch = { parcels: [parcel(4, "a"), parcel(5, "b")], bytes: 9 };
  expect(split(batch).map(({ parcels, bytes }) => [parcels[0]?.path, bytes])).toEqual([
    ["a", 4],
    ["b", 5],
  ]);
});

test("the body holds each file as one part of application/dicom", async () => {
  const body = await multipart({ parcels: [parcel(2), parcel(3)], bytes: 5 }, "edge").text();
  expect(body).toBe(
    "--edge\r\nContent-Type: application/dicom\r\n\r\naa\r\n" +
      "--edge\r\nContent-Type: application/dicom\r\n\r\naaa\r\n--edge--\r\n",
  );
});

test("the content type names type and boundary", () => {
  expect(contentType("edge")).toBe('multipart/related; type="application/dicom"; boundary=edge');
});
