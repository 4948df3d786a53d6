/** Stored values as textures take them: unsigned, little endian. */

export type Bytes = Uint8Array<ArrayBuffer>;
export type Values = Uint8Array | Uint16Array;

/** How values lie in their bytes (PS3.3 C.7.6.3.1). */
export interface Format {
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly isSigned: boolean;
}

export function valuesOf(bytes: Bytes, { bitsAllocated }: Format): Values {
  return bitsAllocated === 8 ? bytes : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
}

/** By how much `lift` lifts: half the range of signed values, so that the least is 0. */
export function liftOf({ bitsStored, isSigned }: Format): number {
  return isSigned ? 2 ** (bitsStored - 1) : 0;
}

/** Clear what lies above the stored bits, in place (PS3.5 8.1.1 once allowed overlays there), and lift signed values. */
export function lift(bytes: Bytes, format: Format): void {
  if (!format.isSigned && format.bitsStored === format.bitsAllocated) return;
  const mask = 2 ** format.bitsStored - 1;
  const sign = liftOf(format);
  const values = valuesOf(bytes, format);
  for (let i = 0; i < values.length; i++) values[i] = ((values[i] ?? 0) & mask) ^ sign;
}
