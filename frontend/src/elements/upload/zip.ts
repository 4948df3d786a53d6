import { crc32 } from "../../lib/crc32";
import type { Source } from "./source";

/**
 * The files inside a ZIP (APPNOTE.TXT 6.3.10), read in the browser: each is then sent, and resumed, as any other file, and
 * the portal never unpacks anything.
 */
export class ArchiveError extends Error {
  constructor(readonly reason: "bad-archive" | "big-archive") {
    super(reason);
  }
}

const MOST_ENTRIES = 20_000;
const MOST_BYTES = 4 * 1024 ** 3;
const MOST_RATIO = 200;
// Enough to know what a file is.
const HEAD_BYTES = 4096;
const END_BYTES = 22;
const COMMENT_BYTES = 65_535;
const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
const FULL = 0xffffffff;

interface Entry {
  name: string;
  method: number;
  crc32: number;
  packed: number;
  size: number;
  offset: number;
}

/** List the files of an archive; folders are passed over. */
export async function unzip(source: Source): Promise<Source[]> {
  const archive = await source.open();
  const entries = await directory(archive);
  if (entries.length > MOST_ENTRIES || sum(entries) > Math.min(MOST_BYTES, archive.size * MOST_RATIO)) {
    throw new ArchiveError("big-archive");
  }
  return entries.map((entry) => entrySource(archive, source.path, entry));
}

const sum = (entries: Entry[]) => entries.reduce((total, { size }) => total + size, 0);

function entrySource(archive: Blob, path: string, entry: Entry): Source {
  return {
    path: `${path}/${entry.name}`,
    size: entry.size,
    look: async () => ({
      head: new Uint8Array(await (await content(archive, entry, HEAD_BYTES)).arrayBuffer()),
      // The archive's own checksum: not more than the beginning has to be unpacked to know the file again.
      mark: `zip ${entry.crc32} ${entry.packed}`,
    }),
    isReadable: () =>
      whole(archive, entry).then(
        () => true,
        () => false,
      ),
    open: () => whole(archive, entry),
  };
}

async function directory(archive: Blob): Promise<Entry[]> {
  const tail = await archive.slice(Math.max(0, archive.size - END_BYTES - COMMENT_BYTES)).arrayBuffer();
  const view = new DataView(tail);
  let at = tail.byteLength - END_BYTES;
  while (at >= 0 && view.getUint32(at, true) !== END) at--;
  if (at < 0) throw new ArchiveError("bad-archive");
  const count = view.getUint16(at + 10, true);
  const size = view.getUint32(at + 12, true);
  const offset = view.getUint32(at + 16, true);
  // Larger ones are in the Zip64 form, and above the limits in any case.
  if (size === FULL || offset === FULL) throw new ArchiveError("big-archive");
  if (count === 0xffff) throw new ArchiveError("big-archive");
  return parse(await archive.slice(offset, offset + size).arrayBuffer(), count);
}

function parse(buffer: ArrayBuffer, count: number): Entry[] {
  const view = new DataView(buffer);
  const entries: Entry[] = [];
  let at = 0;
  for (let number = 0; number < count; number++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== CENTRAL)
      throw new ArchiveError("bad-archive");
    const isEncrypted = (view.getUint16(at + 8, true) & 1) === 1;
    const length = view.getUint16(at + 28, true);
    const entry = {
      name: new TextDecoder().decode(new Uint8Array(buffer, at + 46, length)),
      method: view.getUint16(at + 10, true),
      crc32: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    if (isEncrypted || ![STORED, DEFLATED].includes(entry.method)) throw new ArchiveError("bad-archive");
    if (entry.size === FULL || entry.packed === FULL) throw new ArchiveError("big-archive");
    if (!/[/\\]$/.test(entry.name)) entries.push(entry);
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** All of an entry, if it is what was packed: a damaged image is not sent, and a line that broke is not blamed for it. */
async function whole(archive: Blob, entry: Entry): Promise<Blob> {
  const found = await content(archive, entry, entry.size);
  if (found.size !== entry.size || (await crc32(found)) !== entry.crc32)
    throw new ArchiveError("bad-archive");
  return found;
}

/** The first `limit` bytes of an entry; a stored one is a slice of the archive, at no cost. */
async function content(archive: Blob, entry: Entry, limit: number): Promise<Blob> {
  const local = new DataView(await archive.slice(entry.offset, entry.offset + 30).arrayBuffer());
  if (local.byteLength < 30 || local.getUint32(0, true) !== LOCAL) throw new ArchiveError("bad-archive");
  const begin = entry.offset + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  const packed = archive.slice(begin, begin + entry.packed);
  return entry.method === STORED ? packed.slice(0, limit) : inflate(packed, limit);
}

/** Inflate no more than was announced: what a header claims is not believed. */
async function inflate(packed: Blob, limit: number): Promise<Blob> {
  const reader = packed.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const pieces: BlobPart[] = [];
  let left = limit;
  while (left > 0) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value.slice(0, left));
    left -= value.byteLength;
  }
  await reader.cancel();
  return new Blob(pieces);
}
