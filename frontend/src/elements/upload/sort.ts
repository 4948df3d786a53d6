import type { Messages } from "../messages";
import type { Parcel } from "./batch";
import { type Kind, readKind } from "./head";
import { fileSource, fingerprint, type Source } from "./source";
import type { Problem } from "./transfer";
import type { Found } from "./walk";
import { ArchiveError, isZip, unzip } from "./zip";

const AT_ONCE = 64;
const REASONS: Record<Exclude<Kind, "dicom">, string> = {
  index: "reason-index",
  empty: "reason-empty",
  picture: "reason-picture",
  other: "reason-not-dicom",
  unreadable: "reason-unreadable",
};

export interface Sorted {
  parcels: Parcel[];
  skipped: Problem[];
}

/**
 * Look at what was given: open ZIP files, leave out what is not DICOM, and name the rest by fingerprints.
 *
 * Some files at a time, so that the page answers while thousands are looked at.
 */
export async function sortFiles(
  found: Found[],
  say: Messages,
  onCount: (count: number) => void,
): Promise<Sorted> {
  const sorted: Sorted = { parcels: [], skipped: [] };
  const seen = new Set<string>();
  const { sources, refused } = await openArchives(found.map(fileSource));
  for (const { path, reason } of refused) sorted.skipped.push({ path, reason: say(reason) });
  for (let from = 0; from < sources.length; from += AT_ONCE) {
    const some = sources.slice(from, from + AT_ONCE);
    for (const [index, looked] of (await Promise.all(some.map(look))).entries()) {
      const source = some[index] as Source;
      if (looked.reason) sorted.skipped.push({ path: source.path, reason: say(looked.reason) });
      else if (!seen.has(looked.fingerprint)) {
        seen.add(looked.fingerprint);
        sorted.parcels.push({ source, fingerprint: looked.fingerprint });
      }
    }
    onCount(Math.min(from + AT_ONCE, sources.length));
  }
  return sorted;
}

async function look(source: Source): Promise<{ reason: string; fingerprint: string }> {
  const kind = await readKind(source);
  if (kind === "other" && (await isZip(source))) return { reason: "reason-nested", fingerprint: "" };
  if (kind !== "dicom") return { reason: REASONS[kind], fingerprint: "" };
  return { reason: "", fingerprint: await fingerprint(source) };
}

async function openArchives(given: Source[]): Promise<{ sources: Source[]; refused: Problem[] }> {
  const sources: Source[] = [];
  const refused: Problem[] = [];
  for (const source of given) {
    try {
      if (await isZip(source)) sources.push(...(await unzip(source)));
      else sources.push(source);
    } catch (error) {
      if (error instanceof ArchiveError)
        refused.push({ path: source.path, reason: `reason-${error.reason}` });
      else sources.push(source);
    }
  }
  return { sources, refused };
}
