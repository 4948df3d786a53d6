import { readHead } from "./heads";
import type { Found } from "./walk";

// Of so many files the digest of a folder knows sizes and times, for which the browser looks at the disk one by one.
const MARKS = 16;

/** A file that can be sent: from the disk, or out of a ZIP. */
export interface Source {
  path: string;
  size: number;
  /** Look at it once, with a single read. */
  look(): Promise<Look>;
  /** Say whether it is still there. */
  isReadable(): Promise<boolean>;
  /** The whole file. */
  open(): Promise<Blob>;
}

/** What one look at a file shows. */
export interface Look {
  /** Its first bytes: they say what it is. */
  head: Uint8Array<ArrayBuffer>;
  /** What else tells it from every other file, beside its path and size. */
  mark: string;
}

/** A file of the disk: its beginning, and when it was written. */
export function fileSource({ file, path }: Found): Source {
  return {
    path,
    // The browser looks at the disk for it: not before somebody asks, of thousands of files.
    get size() {
      return file.size;
    },
    look: async () => ({ head: await readHead(file), mark: String(file.lastModified) }),
    isReadable: () => isThere(file.slice(0, 1)),
    open: async () => file,
  };
}

/** Say whether a blob can still be read: a file may be changed or taken away after it was chosen. */
function isThere(blob: Blob): Promise<boolean> {
  return blob.arrayBuffer().then(
    () => true,
    () => false,
  );
}

/** 32 bytes of base64url that stand for a file; the portal learns neither its name nor its path. */
export function fingerprint({ path, size }: Source, { head, mark }: Look): Promise<string> {
  const name = new TextEncoder().encode(`${path}\n${size}\n${mark}\n`);
  const known = new Uint8Array(name.length + head.length);
  known.set(name);
  known.set(head, name.length);
  return digest(known);
}

/**
 * One digest of all that was chosen, in whatever order it was found: known before a single file is read. All paths tell
 * one folder from another, and of those with the same paths, sizes and times of a few files: some from everywhere, since
 * discs begin with the same viewer.
 */
export function digestOf(found: Found[]): Promise<string> {
  const inOrder = [...found].sort((one, other) =>
    one.path < other.path ? -1 : Number(one.path > other.path),
  );
  const step = Math.ceil(inOrder.length / MARKS);
  const marks = inOrder.filter((_, index) => index % step === 0);
  const looks = marks.map(({ file }) => `${file.size} ${file.lastModified}`);
  return digest(new TextEncoder().encode([...inOrder.map(({ path }) => path), ...looks].join("\n")));
}

async function digest(known: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", known);
  return btoa(String.fromCharCode(...new Uint8Array(hash)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}
