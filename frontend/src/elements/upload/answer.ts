/** What became of one file. */
export interface Answered {
  /** Its fingerprint. */
  file: string;
  status: "stored" | "duplicate" | "held" | "quarantined" | "refused";
  /** The portal's words, without any value of a patient. */
  message: string;
  StudyInstanceUID: string;
}

/** Read the answer to a batch, or to the question what lacks; null when it does not come from the portal. */
export function readAnswer(text: string): Answered[] | null {
  try {
    const { files } = JSON.parse(text) as { files?: unknown };
    return Array.isArray(files) && files.every(isAnswered) ? files : null;
  } catch {
    return null;
  }
}

function isAnswered(value: unknown): value is Answered {
  const one = value as Partial<Answered> | null;
  return typeof one?.file === "string" && typeof one.status === "string";
}
