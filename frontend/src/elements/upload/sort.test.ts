import { expect, test, vi } from "vitest";
import { archive, part10 } from "./fixtures";
import { sortFiles } from "./sort";

const say = (key: string) => key;
const CT = "1.2.840.10008.5.1.4.1.1.2";
const image = (uid: string) => part10({ sopClassUID: CT, sopInstanceUID: uid });
const found = (content: BlobPart, path: string) => ({ file: new File([content], path), path });

test("images are taken, everything else is left out with its reason", async () => {
  const sorted = await sortFiles(
    [found(image("1.2.1"), "CD/1"), found("readme", "CD/readme.txt"), found("", "CD/empty")],
    say,
    () => undefined,
  );
  expect(sorted.parcels.map(({ source }) => source.path)).toEqual(["CD/1"]);
  expect(sorted.skipped).toEqual([
    { path: "CD/readme.txt", reason: "reason-not-dicom" },
    { path: "CD/empty", reason: "reason-empty" },
  ]);
});

test("a file that was given twice goes once", async () => {
  const twice = [found(image("1.2.1"), "CD/1"), found(image("1.2.1"), "CD/1")];
  expect((await sortFiles(twice, say, () => undefined)).parcels).toHaveLength(1);
});

test("it says how far it has come", async () => {
  const counts: number[] = [];
  const many = Array.from({ length: 130 }, (_, index) => found(image(`1.2.${index}`), `CD/${index}`));
  await sortFiles(many, say, (count) => counts.push(count));
  expect(counts).toEqual([64, 128, 130]);
});

test("a damaged archive is named and the rest is taken", async () => {
  const zip = new Uint8Array([0x50, 0x4b, 3, 4, ...new Array(60).fill(0)]);
  const sorted = await sortFiles([found(zip, "a.zip"), found(image("1.2.1"), "CD/1")], say, () => undefined);
  expect(sorted.skipped).toEqual([{ path: "a.zip", reason: "reason-bad-archive" }]);
  expect(sorted.parcels).toHaveLength(1);
});

test("an archive inside an archive is not opened", async () => {
  const empty = new Uint8Array([0x50, 0x4b, 5, 6, ...new Array(18).fill(0)]);
  const sorted = await sortFiles(
    [found(await archive([{ name: "inner.zip", content: empty }]), "a.zip")],
    say,
    () => undefined,
  );
  expect(sorted.skipped).toEqual([{ path: "a.zip/inner.zip", reason: "reason-nested" }]);
});

test("a file that vanished from the disk is unreadable", async () => {
  const file = new File(["x"], "x");
  vi.spyOn(Blob.prototype, "arrayBuffer").mockRejectedValueOnce(new Error("NotReadableError"));
  const sorted = await sortFiles([{ file, path: "CD/x" }], say, () => undefined);
  expect(sorted.skipped).toEqual([{ path: "CD/x", reason: "reason-unreadable" }]);
});
