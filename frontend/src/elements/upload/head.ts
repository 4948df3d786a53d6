/** What the first bytes of a file say: enough to leave out what is not DICOM. */
export type Kind = "dicom" | "index" | "empty" | "picture" | "archive" | "other";

const PREAMBLE = 128;
const MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10";
const LONG_VRS = new Set(["OB", "OW", "UN", "UT", "SQ"]);
const JPEG = 0xffd8ff;
const PNG = 0x89504e;
// APPNOTE.TXT 6.3.10, 4.3.7 and 4.3.16: a first file, or the end of an archive without files.
const ZIP_FILE = 0x504b0304;
const ZIP_END = 0x504b0506;
const ZIP_BYTES = 22;

/** Say what a file is by its first bytes. */
export function readKind(head: Uint8Array): Kind {
  if (head.length === 0) return "empty";
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (text(view, PREAMBLE, 4) === "DICM") {
    return mediaStorageSOPClass(view) === MEDIA_STORAGE_DIRECTORY ? "index" : "dicom";
  }
  if (startsWithDataSet(view)) return "dicom";
  if (isArchive(view)) return "archive";
  return isPicture(view) ? "picture" : "other";
}

/** (0002,0002) Media Storage SOP Class UID (PS3.10 section 7.1: explicit VR, little endian). */
function mediaStorageSOPClass(view: DataView): string {
  let at = PREAMBLE + 4;
  while (at + 12 <= view.byteLength && view.getUint16(at, true) === 0x0002) {
    const isLong = LONG_VRS.has(text(view, at + 4, 2));
    const length = isLong ? view.getUint32(at + 8, true) : view.getUint16(at + 6, true);
    const value = at + (isLong ? 12 : 8);
    if (view.getUint16(at + 2, true) === 0x0002) return trim(text(view, value, length));
    at = value + length;
  }
  return "";
}

/** Some old software writes no preamble: the file then begins with an element of group 0002 or 0008. */
function startsWithDataSet(view: DataView): boolean {
  if (view.byteLength < 16) return false;
  const group = view.getUint16(0, true);
  return (group === 0x0002 || group === 0x0008) && view.getUint16(2, true) <= 0x0018;
}

function isPicture(view: DataView): boolean {
  if (view.byteLength < 4) return false;
  const magic = view.getUint32(0) >>> 8;
  return magic === JPEG || magic === PNG;
}

function isArchive(view: DataView): boolean {
  return view.byteLength >= ZIP_BYTES && [ZIP_FILE, ZIP_END].includes(view.getUint32(0));
}

function text(view: DataView, at: number, length: number): string {
  const end = Math.min(at + length, view.byteLength);
  return at >= end ? "" : String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, end - at));
}

// UIDs are padded with a NUL to even length (PS3.5 section 9.1).
const trim = (uid: string) => uid.replace(/[\0 ]+$/, "");
