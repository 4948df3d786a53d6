/** A file and where it lay, as the person knows it: `CD/IMG00012`. */
export interface Found {
  file: File;
  path: string;
}

/** Files of an `<input type=file>`; with `webkitdirectory` they know their folder. */
export function fromInput(files: Iterable<File>): Found[] {
  return Array.from(files, (file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/**
 * Files of a drop, folders opened.
 *
 * The entries must be taken before the first `await`: after the event the browser empties the list.
 */
export async function fromDrop(items: Iterable<DataTransferItem>): Promise<Found[]> {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found: Found[] = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry: FileSystemEntry, found: Found[]): Promise<void> {
  if (entry.isFile)
    found.push({ file: await open(entry as FileSystemFileEntry), path: entry.fullPath.slice(1) });
  else for (const child of await list(entry as FileSystemDirectoryEntry)) await walk(child, found);
}

function open(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** `readEntries` gives at most 100 at a time, and an empty list at the end. */
async function list(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return entries;
    entries.push(...some);
  }
}
