import { type Answered, readAnswer } from "./answer";
import type { Parcel } from "./batch";
import { isTransient, Patience, wait } from "./patience";
import { ask, type Outcome } from "./send";
import { digestOf } from "./source";

const ASKED_AT_ONCE = 2000;

/** Why an upload cannot begin or go on: the status that the portal answered. */
export class RefusedError extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}

/** One upload as the portal remembers it: begun or found again, and asked what it has. */
export class Session {
  private id = "";

  constructor(
    private readonly base: string,
    private readonly csrfToken: () => string,
    private readonly signal: AbortSignal,
  ) {}

  /** Its address. */
  get url(): string {
    return `${this.base}${this.id}`;
  }

  /** Begin, or find the unfinished upload of the same files; return what has arrived before. */
  async begin(parcels: Parcel[], label: string): Promise<Map<string, Answered>> {
    const question = {
      digest: await digestOf(parcels.map(({ fingerprint }) => fingerprint)),
      label,
      files: parcels.length,
      bytes: parcels.reduce((sum, { source }) => sum + source.size, 0),
    };
    const { text } = await this.insist("begin", question);
    this.id = (JSON.parse(text) as { id: string }).id;
    return this.answered(parcels);
  }

  /** Ask which files have arrived: after a lost line nobody knows. */
  async answered(parcels: Parcel[]): Promise<Map<string, Answered>> {
    const found = new Map<string, Answered>();
    for (let from = 0; from < parcels.length; from += ASKED_AT_ONCE) {
      const files = parcels.slice(from, from + ASKED_AT_ONCE).map(({ fingerprint }) => fingerprint);
      const { text } = await this.insist(`${this.id}/answered`, { files });
      for (const answered of readAnswer(text) ?? []) found.set(answered.file, answered);
    }
    return found;
  }

  /** Ask until there is an answer. */
  private async insist(path: string, question: object): Promise<Outcome> {
    const patience = new Patience();
    for (;;) {
      const outcome = await ask(this.base + path, this.csrfToken(), question);
      if (outcome.status === 200) return outcome;
      if (this.signal.aborted || !isTransient(outcome.status)) throw new RefusedError(outcome.status);
      await wait(patience.next(outcome.retryAfterS), this.signal);
    }
  }
}
