// A DICOM file says its UIDs long before here.
const HEAD_BYTES = 16_384;

type Bytes = Uint8Array<ArrayBuffer>;

interface Wanted {
  head: Blob;
  resolve: (bytes: Bytes) => void;
  reject: (reason: unknown) => void;
}

const waiting: Wanted[] = [];

/**
 * Read the beginning of a file, together with those of all files that are asked for in the same moment: with hundreds of
 * them it is the number of reads that takes the time.
 */
export function readHead(file: Blob): Promise<Bytes> {
  return new Promise((resolve, reject) => {
    const count = waiting.push({ head: file.slice(0, HEAD_BYTES), resolve, reject });
    if (count === 1) queueMicrotask(() => readTogether(waiting.splice(0)));
  });
}

async function readTogether(wanted: Wanted[]): Promise<void> {
  const whole =
    wanted.length > 1 ? await read(new Blob(wanted.map(({ head }) => head))).catch(() => null) : null;
  let at = 0;
  for (const { head, resolve, reject } of wanted) {
    // One that cannot be read spoils the others' read, not the others.
    if (whole) resolve(whole.slice(at, at + head.size));
    else read(head).then(resolve, reject);
    at += head.size;
  }
}

async function read(blob: Blob): Promise<Bytes> {
  return new Uint8Array(await blob.arrayBuffer());
}
