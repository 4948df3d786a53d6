import type { Messages } from "../messages";
import type { Parcel } from "./batch";
import { type Kind, readKind } from "./head";
import { fileSource, fingerprint, type Source } from "./source";
import type { Problem } from "./transfer";
import type { Found } from "./walk";
import { ArchiveError, unzip } from "./zip";

const AT_ONCE = 64;
const REASONS: Record<Exclude<Kind, "dicom"> | "unreadable", string> = {
  index: "reason-index",
  empty: "reason-empty",
  picture: "reason-picture",
  archive: "reason-nested",
  other: "reason-not-dicom",
  unreadable: "reason-unreadable",
};

export interface Sorted {
  parcels: Parcel[];
  skipped: Problem[];
}

interface Looked {
  source: Source;
  kind: Kind | "unreadable";
  fingerprint: string;
}

/**
 * Look at what was given: open ZIP files, leave out what is not DICOM, and name the rest by fingerprints.
 *
 * Each file is read once, some at a time, so that the page answers while thousands are looked at.
 */
export async function sortFiles(
  found: Found[],
  say: Messages,
  onCount: (count: number) => void,
): Promise<Sorted> {
  const sorted: Sorted = { parcels: [], skipped: [] };
  const skip = ({ path }: Source, reason: string) => sorted.skipped.push({ path, reason: say(reason) });
  const seen = new Set<string>();
  const take = (looked: Looked) => {
    if (looked.kind !== "dicom") skip(looked.source, REASONS[looked.kind]);
    else if (!seen.has(looked.fingerprint)) {
      seen.add(looked.fingerprint);
      sorted.parcels.push({ source: looked.source, fingerprint: looked.fingerprint });
    }
  };
  let count = 0;
  for await (const looked of lookAt(found.map(fileSource))) {
    for (const one of looked) {
      if (one.kind !== "archive") take(one);
      else for (const inner of await lookInto(one.source, (reason) => skip(one.source, reason))) take(inner);
    }
    count += looked.length;
    onCount(count);
  }
  return sorted;
}

async function* lookAt(sources: Source[]): AsyncGenerator<Looked[]> {
  for (let from = 0; from < sources.length; from += AT_ONCE) {
    yield await Promise.all(sources.slice(from, from + AT_ONCE).map(look));
  }
}

async function look(source: Source): Promise<Looked> {
  try {
    const seen = await source.look();
    const kind = readKind(seen.head);
    return { source, kind, fingerprint: kind === "dicom" ? await fingerprint(source, seen) : "" };
  } catch {
    return { source, kind: "unreadable", fingerprint: "" };
  }
}

/** Look at the files of an archive; one that cannot be opened is refused as a whole. */
async function lookInto(archive: Source, refuse: (reason: string) => void): Promise<Looked[]> {
  try {
    const inner: Looked[] = [];
    for await (const looked of lookAt(await unzip(archive))) inner.push(...looked);
    return inner;
  } catch (error) {
    refuse(error instanceof ArchiveError ? `reason-${error.reason}` : REASONS.unreadable);
    return [];
  }
}
