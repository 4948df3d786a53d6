/** Remainders of each byte (RFC 1952 section 8). */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});

/** Return the CRC-32 of a blob (APPNOTE.TXT 6.3.10, 4.4.7), read a piece at a time. */
export async function crc32(blob: Blob): Promise<number> {
  const reader = blob.stream().getReader();
  let rest = 0xffffffff;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return (rest ^ 0xffffffff) >>> 0;
    for (const byte of value) rest = (TABLE[(rest ^ byte) & 0xff] ?? 0) ^ (rest >>> 8);
  }
}
