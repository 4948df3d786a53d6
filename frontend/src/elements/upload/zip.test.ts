import { expect, test } from "vitest";
import { source } from "./fixtures";
import { fingerprint } from "./source";
import { ArchiveError, isZip, unzip } from "./zip";

interface Member {
  name: string;
  content: string;
  method?: number;
  flags?: number;
  /** What the directory claims. */
  size?: number;
}

const text = new TextEncoder();

async function deflate(content: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([content]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Write an archive as APPNOTE 4.3 says. */
async function archive(members: Member[]): Promise<Blob> {
  const files: BlobPart[] = [];
  const directory: BlobPart[] = [];
  let offset = 0;
  let length = 0;
  for (const { name, content, method = 0, flags = 0, size = content.length } of members) {
    const data = method === 8 ? await deflate(content) : text.encode(content);
    const local = new DataView(new ArrayBuffer(30));
    local.setUint32(0, 0x04034b50, true);
    local.setUint16(26, name.length, true);
    const central = new DataView(new ArrayBuffer(46));
    central.setUint32(0, 0x02014b50, true);
    central.setUint16(8, flags, true);
    central.setUint16(10, method, true);
    central.setUint32(16, content.length * 7, true);
    central.setUint32(20, data.length, true);
    central.setUint32(24, size, true);
    central.setUint16(28, name.length, true);
    central.setUint32(42, offset, true);
    files.push(local.buffer, name, data);
    directory.push(central.buffer, name);
    offset += 30 + name.length + data.length;
    length += 46 + name.length;
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(10, members.length, true);
  end.setUint32(12, length, true);
  end.setUint32(16, offset, true);
  return new Blob([...files, ...directory, end.buffer]);
}

const zip = async (...members: Member[]) => source(await archive(members), "study.zip");
const contents = async (given: Awaited<ReturnType<typeof zip>>) =>
  Promise.all((await unzip(given)).map(async (entry) => (await entry.open()).text()));

test("an archive is known by how it begins", async () => {
  expect(await isZip(await zip({ name: "a", content: "x" }))).toBe(true);
  expect(await isZip(await zip())).toBe(true);
  expect(await isZip(source("PK but no archive at all"))).toBe(false);
});

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
  expect(await new Blob([(await entry?.head(4)) ?? ""]).text()).toBe("seco");
});

test("files of an archive are told apart without unpacking them", async () => {
  const [one] = await unzip(await zip({ name: "a", content: "xx", method: 8 }));
  const [other] = await unzip(await zip({ name: "a", content: "xxx", method: 8 }));
  expect(await fingerprint(one as never)).not.toBe(await fingerprint(other as never));
});

test("no more comes out than was announced", async () => {
  expect(await contents(await zip({ name: "a", content: "x".repeat(90_000), method: 8, size: 10 }))).toEqual([
    "x".repeat(10),
  ]);
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
