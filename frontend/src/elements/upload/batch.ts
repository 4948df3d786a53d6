import type { Source } from "./source";

/** A file that is to be sent, and what the portal knows it by. */
export interface Parcel {
  source: Source;
  fingerprint: string;
}

export interface Batch {
  parcels: Parcel[];
  bytes: number;
}

export function batchOf(parcels: Parcel[]): Batch {
  return { parcels, bytes: parcels.reduce((sum, { source }) => sum + source.size, 0) };
}

/** Packs whole files in the order given, up to `limit` bytes a batch; a larger file goes alone. */
export class Packer {
  private open: Batch = batchOf([]);

  constructor(private readonly limit: number) {}

  get waitingFiles(): number {
    return this.open.parcels.length;
  }

  /** Take a file; return the batch that it found full, if any. */
  add(parcel: Parcel): Batch[] {
    const full = this.open.bytes + parcel.source.size > this.limit ? this.end() : [];
    this.open.parcels.push(parcel);
    this.open.bytes += parcel.source.size;
    return full;
  }

  /** Return what is not full. */
  end(): Batch[] {
    const last = this.open;
    this.open = batchOf([]);
    return last.parcels.length > 0 ? [last] : [];
  }
}

/** Each file of a batch alone: how a batch that is too large as a whole is tried again. */
export function split(batch: Batch): Batch[] {
  return batch.parcels.map((parcel) => batchOf([parcel]));
}

/** Both halves of a batch: on a line that breaks often, less is lost each time. */
export function halve(batch: Batch): Batch[] {
  const middle = Math.ceil(batch.parcels.length / 2);
  return [batch.parcels.slice(0, middle), batch.parcels.slice(middle)]
    .filter((parcels) => parcels.length > 0)
    .map(batchOf);
}

/** The body of a request: one part a file, named by its fingerprint; the browser reads files only while it sends them. */
export async function multipart(batch: Batch, boundary: string): Promise<Blob> {
  const files = await Promise.all(batch.parcels.map(({ source }) => source.open()));
  const parts: BlobPart[] = [];
  for (const [index, { fingerprint }] of batch.parcels.entries()) {
    const head = `--${boundary}\r\nContent-Type: application/dicom\r\nContent-ID: <${fingerprint}>\r\n\r\n`;
    parts.push(head, files[index] ?? "", "\r\n");
  }
  return new Blob([...parts, `--${boundary}--\r\n`]);
}

export function contentType(boundary: string): string {
  return `multipart/related; type="application/dicom"; boundary=${boundary}`;
}
