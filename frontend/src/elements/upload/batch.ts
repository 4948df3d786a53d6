/** A file that is to be sent. */
export interface Parcel {
  file: Blob;
  path: string;
  sopInstanceUID: string;
}

export interface Batch {
  parcels: Parcel[];
  bytes: number;
}

/** Whole files in the order given, up to `limit` bytes a batch; a larger file goes alone. */
export function pack(parcels: Parcel[], limit: number): Batch[] {
  const batches: Batch[] = [];
  let open: Batch | undefined;
  for (const parcel of parcels) {
    if (!open || open.bytes + parcel.file.size > limit) {
      open = { parcels: [], bytes: 0 };
      batches.push(open);
    }
    open.parcels.push(parcel);
    open.bytes += parcel.file.size;
  }
  return batches;
}

/** Each file of a batch alone: how a batch that is too large as a whole is tried again. */
export function split(batch: Batch): Batch[] {
  return batch.parcels.map((parcel) => ({ parcels: [parcel], bytes: parcel.file.size }));
}

/** The body of a STOW-RS request (PS3.18 section 10.5); the browser reads the files only while it sends them. */
export function multipart(batch: Batch, boundary: string): Blob {
  const parts: BlobPart[] = [];
  for (const { file } of batch.parcels) {
    parts.push(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`, file, "\r\n");
  }
  return new Blob([...parts, `--${boundary}--\r\n`]);
}

export function contentType(boundary: string): string {
  return `multipart/related; type="application/dicom"; boundary=${boundary}`;
}
