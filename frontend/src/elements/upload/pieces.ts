import type { Parcel } from "./batch";
import { ask, type Outcome, post } from "./send";

export interface Piecewise {
  /** Of the upload. */
  url: string;
  csrfToken: () => string;
  pieceBytes: number;
  onBytes: (sent: number) => void;
  signal: AbortSignal;
}

/**
 * Send a large file piece by piece, and have it stored as a whole: after an interruption the pieces that arrived are not
 * sent again.
 */
export async function sendInPieces({ source, fingerprint }: Parcel, to: Piecewise): Promise<Outcome> {
  const file = await source.open().catch(() => null);
  if (!file) return { status: 0, text: "", retryAfterS: 0 };
  const known = await ask(`${to.url}/pieces`, to.csrfToken(), { file: fingerprint });
  if (known.status !== 200) return known;
  const there = new Set((JSON.parse(known.text) as { pieces: number[] }).pieces);
  const count = Math.ceil(file.size / to.pieceBytes);
  let sent = 0;
  for (let number = 0; number < count && !to.signal.aborted; number++) {
    const piece = file.slice(number * to.pieceBytes, (number + 1) * to.pieceBytes);
    if (!there.has(number)) {
      const outcome = await sendPiece(
        piece,
        `${to.url}/piece?file=${fingerprint}&number=${number}`,
        sent,
        to,
      );
      if (outcome.status !== 200) return outcome;
    }
    sent += piece.size;
    to.onBytes(sent);
  }
  return ask(`${to.url}/join`, to.csrfToken(), { file: fingerprint, size: file.size });
}

function sendPiece(piece: Blob, url: string, before: number, to: Piecewise): Promise<Outcome> {
  const onBytes = (sent: number) => to.onBytes(before + Math.min(sent, piece.size));
  return post(url, to.csrfToken(), "application/octet-stream", piece, onBytes, to.signal);
}
