import type { Found } from "./walk";

/** A file that can be sent: from the disk, or out of a ZIP. */
export interface Source {
  path: string;
  size: number;
  /** The first bytes, for a look. */
  head(bytes: number): Promise<ArrayBuffer>;
  /** What tells this file from every other, beside its path and size. */
  marks(): Promise<BlobPart[]>;
  /** The whole file. */
  open(): Promise<Blob>;
}

const EDGE_BYTES = 16_384;

/** A file of the disk: its beginning, where a DICOM file says its UIDs, and its end. */
export function fileSource({ file, path }: Found): Source {
  return {
    path,
    size: file.size,
    head: (bytes) => file.slice(0, bytes).arrayBuffer(),
    marks: async () => [file.slice(0, EDGE_BYTES), file.slice(Math.max(0, file.size - EDGE_BYTES))],
    open: async () => file,
  };
}

/** 32 bytes of base64url that stand for a file; the portal learns neither its name nor its path. */
export async function fingerprint(source: Source): Promise<string> {
  const name = `${source.path}\n${source.size}\n`;
  return digest(new Blob([name, ...(await source.marks())]));
}

/** One digest of many files, in whatever order they were found. */
export function digestOf(fingerprints: string[]): Promise<string> {
  return digest(new Blob([[...fingerprints].sort().join("\n")]));
}

async function digest(blob: Blob): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(hash)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}
