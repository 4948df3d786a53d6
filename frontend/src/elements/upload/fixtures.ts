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
  return fileSource({ file: new File([content], path), path });
}

/** A file that was taken away after it was chosen. */
export function vanished(path: string, size = 5): Source {
  const gone = () => Promise.reject(new Error("NotReadableError"));
  return { path, size, head: gone, marks: gone, open: gone };
}

/** A file of five bytes whose path stands for its fingerprint, too. */
export function parcel(path: string, content = "12345"): Parcel {
  return { source: source(content, path), fingerprint: path };
}

export function batch(...paths: string[]): Batch {
  return batchOf(paths.map((path) => parcel(path)));
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
