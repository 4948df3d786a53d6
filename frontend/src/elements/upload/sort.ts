import type { Messages } from "../messages";
import type { Parcel } from "./batch";
import { type Kind, readKind } from "./head";
import { fileSource, fingerprint, type Source } from "./source";
import type { Problem } from "./transfer";
import type { Found } from "./walk";
import { ArchiveError, unzip } from "./zip";

// The first files go while the others are looked at: few at first, so that they go soon.
const AT_FIRST = 8;
const GROWTH = 4;
const AT_ONCE = 64;
const REASONS: Record<Exclude<Kind, "dicom"> | "unreadable", string> = {
  index: "reason-index",
  empty: "reason-empty",
  picture: "reason-picture",
  archive: "reason-nested",
  other: "reason-not-dicom",
  unreadable: "reason-unreadable",
};

/** What was found among some of the files. */
export interface Sorted {
  parcels: Parcel[];
  skipped: Problem[];
  /** How many have been looked at by now. */
  count: number;
}

interface Looked {
  source: Source;
  kind: Kind | "unreadable";
  fingerprint: string;
}

/**
 * Look at what was given: open ZIP files, leave out what is not DICOM, and name the rest by fingerprints.
 *
 * Each file is read once, some at a time, so that the page answers while thousands are looked at; those that were looked
 * at can be sent meanwhile.
 */
export async function* sortFiles(found: Found[], say: Messages): AsyncGenerator<Sorted> {
  const seen = new Set<string>();
  let count = 0;
  for await (const looked of lookAt(found.map(fileSource))) {
    count += looked.length;
    const sorted: Sorted = { parcels: [], skipped: [], count };
    const skip = ({ path }: Source, reason: string) => sorted.skipped.push({ path, reason: say(reason) });
    const take = ({ source, kind, fingerprint }: Looked) => {
      if (kind !== "dicom") skip(source, REASONS[kind]);
      else if (!seen.has(fingerprint)) {
        seen.add(fingerprint);
        sorted.parcels.push({ source, fingerprint });
      }
    };
    for (const one of looked) {
      if (one.kind !== "archive") take(one);
      else for (const inner of await lookInto(one.source, (reason) => skip(one.source, reason))) take(inner);
    }
    yield sorted;
  }
}

/**
 * The next files are looked at while somebody works with these: more of them each time, up to a limit. The browser does
 * nothing else while it opens each of them, so that what is to be sent by now goes first.
 */
async function* lookAt(sources: Source[]): AsyncGenerator<Looked[]> {
  let [from, size] = [0, AT_FIRST];
  const lookOn = () => {
    const some = sources.slice(from, from + size);
    [from, size] = [from + size, Math.min(GROWTH * size, AT_ONCE)];
    return Promise.all(some.map(look));
  };
  for (let next = lookOn(); ; ) {
    const looked = await next;
    if (looked.length === 0) return;
    next = inATaskOfItsOwn(lookOn);
    yield looked;
  }
}

/** By a message to ourselves: a timer waits for a second in a tab that is hidden. */
function inATaskOfItsOwn<T>(act: () => Promise<T>): Promise<T> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(act());
    };
    port2.postMessage(null);
  });
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
