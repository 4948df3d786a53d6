import { crc32 } from "../../lib/crc32";
import type { Batch, Parcel } from "./batch";
import { batchOf } from "./batch";
import { fileSource, type Source } from "./source";

/** The beginning of a DICOM file (PS3.10 section 7.1), for tests. */
export function part10(uids: { sopClassUID: string; sopInstanceUID: string }): Blob {
  const meta = [
    element(0x0001, "OB", new Uint8Array([0, 1])),
    element(0x0002, "UI", uid(uids.sopClassUID)),
    element(0x0003, "UI", uid(uids.sopInstanceUID)),
  ];
  return new Blob([new Uint8Array(128), "DICM", ...meta, new Uint8Array([8, 0, 5, 0])]);
}

/** A file as the person chose it. */
export function source(content: BlobPart, path = "CD/x"): Source {
  return fileSource({ file: new File([content], path, { lastModified: 1 }), path });
}

/** A file that was taken away after it was chosen. */
export function vanished(path: string, size = 5): Source {
  const gone = () => Promise.reject(new Error("NotReadableError"));
  return { path, size, look: gone, isReadable: async () => false, open: gone };
}

/** A file of five bytes whose path stands for its fingerprint, too. */
export function parcel(path: string, content = "12345"): Parcel {
  return { source: source(content, path), fingerprint: path };
}

export function batch(...paths: string[]): Batch {
  return batchOf(paths.map((path) => parcel(path)));
}

export interface Member {
  name: string;
  content: string | Uint8Array<ArrayBuffer>;
  method?: number;
  flags?: number;
  /** What the directory claims. */
  size?: number;
  /** What became of the data after it was packed. */
  damage?: (data: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
}

async function deflate(content: BlobPart): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([content]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Write an archive as APPNOTE 4.3 says. */
export async function archive(members: Member[]): Promise<Blob> {
  const files: BlobPart[] = [];
  const directory: BlobPart[] = [];
  let offset = 0;
  let length = 0;
  for (const { name, content, method = 0, flags = 0, size = content.length, damage } of members) {
    const packed =
      method === 8 ? await deflate(content) : new Uint8Array(await new Blob([content]).arrayBuffer());
    const data = damage ? damage(packed) : packed;
    const local = new DataView(new ArrayBuffer(30));
    local.setUint32(0, 0x04034b50, true);
    local.setUint16(26, name.length, true);
    const central = new DataView(new ArrayBuffer(46));
    central.setUint32(0, 0x02014b50, true);
    central.setUint16(8, flags, true);
    central.setUint16(10, method, true);
    central.setUint32(16, await crc32(new Blob([content])), true);
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

function element(number: number, vr: string, value: Uint8Array<ArrayBuffer>): Blob {
  const isLong = vr === "OB";
  const head = new DataView(new ArrayBuffer(isLong ? 12 : 8));
  head.setUint16(0, 0x0002, true);
  head.setUint16(2, number, true);
  head.setUint8(4, vr.charCodeAt(0));
  head.setUint8(5, vr.charCodeAt(1));
  if (isLong) head.setUint32(8, value.length, true);
  else head.setUint16(6, value.length, true);
  return new Blob([head.buffer, value]);
}

function uid(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value.length % 2 ? `${value}\0` : value);
}
