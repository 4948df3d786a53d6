/** What can go wrong, as the reader has to understand it. The words are in the page, under `data-text="problem-..."`. */
export type Problem =
  | "session-ended"
  | "forbidden"
  | "not-found"
  | "revoked"
  | "offline"
  | "server"
  | "incomplete"
  | "no-webgl"
  | "no-images";

const BY_STATUS: Readonly<Record<number, Problem>> = {
  401: "session-ended",
  403: "forbidden",
  404: "not-found",
  406: "incomplete",
  410: "revoked",
};

export class ViewerError extends Error {
  constructor(readonly problem: Problem) {
    super(problem);
    this.name = "ViewerError";
  }

  /** A lost connection and a busy server may pass; a missing right does not. */
  get isTransient(): boolean {
    return this.problem === "offline" || this.problem === "server";
  }
}

export function problemOfStatus(status: number): Problem {
  return BY_STATUS[status] ?? "server";
}

export function problemOf(error: unknown): Problem {
  return error instanceof ViewerError ? error.problem : "server";
}

const LOST_ACCESS: ReadonlySet<Problem> = new Set(["session-ended", "forbidden", "not-found", "revoked"]);

export function hasLostAccess(problem: Problem): boolean {
  return LOST_ACCESS.has(problem);
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
