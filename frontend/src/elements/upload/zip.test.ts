import { expect, test } from "vitest";
import { archive, type Member, source } from "./fixtures";
import { fingerprint, type Source } from "./source";
import { ArchiveError, unzip } from "./zip";

const zip = async (...members: Member[]) => source(await archive(members), "study.zip");
const contents = async (given: Awaited<ReturnType<typeof zip>>) =>
  Promise.all((await unzip(given)).map(async (entry) => (await entry.open()).text()));

test("stored and deflated files come out whole, folders are passed over", async () => {
  const given = await zip(
    { name: "CD/", content: "" },
    { name: "CD/1", content: "first" },
    { name: "CD/2", content: "second ".repeat(5000), method: 8 },
  );
  expect((await unzip(given)).map(({ path, size }) => [path, size])).toEqual([
    ["study.zip/CD/1", 5],
    ["study.zip/CD/2", 35_000],
  ]);
  expect(await contents(given)).toEqual(["first", "second ".repeat(5000)]);
});

test("for a look only the beginning is inflated", async () => {
  const [entry] = await unzip(await zip({ name: "a", content: "second ".repeat(5000), method: 8 }));
  const { head } = await (entry as Source).look();
  expect(new TextDecoder().decode(head)).toBe("second ".repeat(5000).slice(0, 4096));
});

test("files of an archive are told apart without unpacking them", async () => {
  const printOf = async (content: string) => {
    const [entry] = (await unzip(await zip({ name: "a", content, method: 8 }))) as [Source];
    return fingerprint(entry, await entry.look());
  };
  expect(await printOf("xx")).toBe(await printOf("xx"));
  expect(await printOf("xx")).not.toBe(await printOf("xxx"));
});

const flip = (at: number) => (data: Uint8Array<ArrayBuffer>) => {
  data[at] = (data[at] ?? 0) ^ 1;
  return data;
};

test.each<[string, Member]>([
  ["larger than was announced", { name: "a", content: "x".repeat(90_000), method: 8, size: 10 }],
  ["smaller than was announced", { name: "a", content: "x".repeat(9000), method: 8, size: 9001 }],
  ["changed since it was packed", { name: "a", content: "x".repeat(9000), damage: flip(8000) }],
  ["broken off", { name: "a", content: "x".repeat(9000), method: 8, damage: (data) => data.slice(0, 12) }],
])("a file that is %s cannot be read", async (_, member) => {
  const [entry] = (await unzip(await zip(member))) as [Source];
  await expect(entry.open()).rejects.toBeInstanceOf(Error);
  expect(await entry.isReadable()).toBe(false);
});

test("a file that came through whole can be read", async () => {
  const [entry] = (await unzip(await zip({ name: "a", content: "x".repeat(9000), method: 8 }))) as [Source];
  expect(await entry.isReadable()).toBe(true);
});

test.each([
  ["with a password", { name: "a", content: "x", flags: 1 }],
  ["of an unknown method", { name: "a", content: "x", method: 12 }],
])("an archive %s is refused", async (_, member) => {
  await expect(unzip(await zip(member))).rejects.toEqual(new ArchiveError("bad-archive"));
});

test("an archive that breaks off is refused", async () => {
  const whole = await archive([{ name: "a", content: "x" }]);
  await expect(unzip(source(whole.slice(0, 40), "study.zip"))).rejects.toEqual(
    new ArchiveError("bad-archive"),
  );
});

test("a bomb is refused before anything is inflated", async () => {
  const bomb = await zip({ name: "a", content: "x", size: 3_000_000_000 });
  await expect(unzip(bomb)).rejects.toEqual(new ArchiveError("big-archive"));
});
