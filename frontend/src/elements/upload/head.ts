/** What the first bytes of a file say: enough to leave out what is not DICOM, and to name a refused file. */
export type Head =
  | { kind: "dicom"; sopInstanceUID: string }
  | { kind: "index" | "empty" | "other" | "unreadable" };

const HEAD_BYTES = 4096;
const PREAMBLE = 128;
const MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10";
const LONG_VRS = new Set(["OB", "OW", "UN", "UT", "SQ"]);

export async function readHead(file: Blob): Promise<Head> {
  if (file.size === 0) return { kind: "empty" };
  try {
    return judge(new DataView(await file.slice(0, HEAD_BYTES).arrayBuffer()));
  } catch {
    return { kind: "unreadable" };
  }
}

function judge(view: DataView): Head {
  if (text(view, PREAMBLE, 4) === "DICM") {
    const meta = fileMeta(view);
    if (meta.get(0x0002) === MEDIA_STORAGE_DIRECTORY) return { kind: "index" };
    return { kind: "dicom", sopInstanceUID: meta.get(0x0003) ?? "" };
  }
  return startsWithDataSet(view) ? { kind: "dicom", sopInstanceUID: "" } : { kind: "other" };
}

/** The UIDs of the File Meta Information by element number (PS3.10 section 7.1: explicit VR, little endian). */
function fileMeta(view: DataView): Map<number, string> {
  const values = new Map<number, string>();
  let at = PREAMBLE + 4;
  while (at + 12 <= view.byteLength && view.getUint16(at, true) === 0x0002) {
    const isLong = LONG_VRS.has(text(view, at + 4, 2));
    const length = isLong ? view.getUint32(at + 8, true) : view.getUint16(at + 6, true);
    const value = at + (isLong ? 12 : 8);
    if (text(view, at + 4, 2) === "UI")
      values.set(view.getUint16(at + 2, true), trim(text(view, value, length)));
    at = value + length;
  }
  return values;
}

/** Some old software writes no preamble: the file then begins with an element of group 0002 or 0008. */
function startsWithDataSet(view: DataView): boolean {
  if (view.byteLength < 16) return false;
  const group = view.getUint16(0, true);
  return (group === 0x0002 || group === 0x0008) && view.getUint16(2, true) <= 0x0018;
}

function text(view: DataView, at: number, length: number): string {
  const end = Math.min(at + length, view.byteLength);
  return at >= end ? "" : String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, end - at));
}

// UIDs are padded with a NUL to even length (PS3.5 section 9.1).
const trim = (uid: string) => uid.replace(/[\0 ]+$/, "");
