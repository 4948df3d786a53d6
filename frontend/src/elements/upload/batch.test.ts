import { expect, test } from "vitest";
import { batchOf, contentType, halve, multipart, Packer, split } from "./batch";
import { batch, parcel } from "./fixtures";

const sized = (size: number) => parcel("x", "a".repeat(size));
const sizes = (parcels: ReturnType<typeof parcel>[], limit: number) => {
  const packer = new Packer(limit);
  return [...parcels.flatMap((one) => packer.add(one)), ...packer.end()].map(({ bytes }) => bytes);
};
const paths = (batches: ReturnType<typeof batchOf>[]) =>
  batches.map(({ parcels }) => parcels.map(({ source }) => source.path).join(" "));

test("files are packed whole, up to the limit", () => {
  expect(sizes([sized(4), sized(5), sized(3), sized(3)], 10)).toEqual([9, 6]);
});

test("a file above the limit goes alone", () => {
  expect(sizes([sized(4), sized(25), sized(4)], 10)).toEqual([4, 25, 4]);
});

test("a batch can be split into its files, or halved", () => {
  expect(paths(split(batch("a", "b", "c")))).toEqual(["a", "b", "c"]);
  expect(paths(halve(batch("a", "b", "c")))).toEqual(["a b", "c"]);
  expect(paths(halve(batch("a")))).toEqual(["a"]);
  expect(halve(batchOf([]))).toEqual([]);
});

test("the body holds each file as one part that says which file it is", async () => {
  const body = await (await multipart(batchOf([parcel("one", "aa"), parcel("two", "aaa")]), "edge")).text();
  expect(body).toBe(
    "--edge\r\nContent-Type: application/dicom\r\nContent-ID: <one>\r\n\r\naa\r\n" +
      "--edge\r\nContent-Type: application/dicom\r\nContent-ID: <two>\r\n\r\naaa\r\n--edge--\r\n",
  );
});

test("the content type names type and boundary", () => {
  expect(contentType("edge")).toBe('multipart/related; type="application/dicom"; boundary=edge');
});
