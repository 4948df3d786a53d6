import { expect, test, vi } from "vitest";
import { archive, part10 } from "./fixtures";
import { sortFiles } from "./sort";
import type { Found } from "./walk";

const say = (key: string) => key;
const CT = "1.2.840.10008.5.1.4.1.1.2";
const image = (uid: string) => part10({ sopClassUID: CT, sopInstanceUID: uid });
const found = (content: BlobPart, path: string) => ({ file: new File([content], path), path });

async function inTurn(given: Found[]) {
  const all = [];
  for await (const some of sortFiles(given, say)) all.push(some);
  return all;
}

/** All that was found, as if at once. */
async function sorted(given: Found[]) {
  const all = await inTurn(given);
  return { parcels: all.flatMap(({ parcels }) => parcels), skipped: all.flatMap(({ skipped }) => skipped) };
}

test("images are taken, everything else is left out with its reason", async () => {
  const { parcels, skipped } = await sorted([
    found(image("1.2.1"), "CD/1"),
    found("readme", "CD/readme.txt"),
    found("", "CD/empty"),
  ]);
  expect(parcels.map(({ source }) => source.path)).toEqual(["CD/1"]);
  expect(skipped).toEqual([
    { path: "CD/readme.txt", reason: "reason-not-dicom" },
    { path: "CD/empty", reason: "reason-empty" },
  ]);
});

test("a file that was given twice goes once", async () => {
  const once = found(image("1.2.1"), "CD/1");
  expect((await sorted([once, { ...once }])).parcels).toHaveLength(1);
});

test("it says how far it has come", async () => {
  const many = Array.from({ length: 180 }, (_, index) => found(image(`1.2.${index}`), `CD/${index}`));
  const all = await inTurn(many);
  expect(all.map(({ count }) => count)).toEqual([8, 40, 104, 168, 180]);
});

test("a damaged archive is named and the rest is taken", async () => {
  const zip = new Uint8Array([0x50, 0x4b, 3, 4, ...new Array(60).fill(0)]);
  const { parcels, skipped } = await sorted([found(zip, "a.zip"), found(image("1.2.1"), "CD/1")]);
  expect(skipped).toEqual([{ path: "a.zip", reason: "reason-bad-archive" }]);
  expect(parcels).toHaveLength(1);
});

test("an archive inside an archive is not opened", async () => {
  const empty = new Uint8Array([0x50, 0x4b, 5, 6, ...new Array(18).fill(0)]);
  const { skipped } = await sorted([found(await archive([{ name: "inner.zip", content: empty }]), "a.zip")]);
  expect(skipped).toEqual([{ path: "a.zip/inner.zip", reason: "reason-nested" }]);
});

test("a file that vanished from the disk is unreadable", async () => {
  const file = new File(["x"], "x");
  vi.spyOn(Blob.prototype, "arrayBuffer").mockRejectedValueOnce(new Error("NotReadableError"));
  const { skipped } = await sorted([{ file, path: "CD/x" }]);
  expect(skipped).toEqual([{ path: "CD/x", reason: "reason-unreadable" }]);
});
