import { type Answered, readAnswer } from "./answer";
import type { Parcel } from "./batch";
import { isTransient, Patience, wait } from "./patience";
import { ask, type Outcome } from "./send";
import { digestOf } from "./source";
import type { Found } from "./walk";

const ASKED_AT_ONCE = 2000;

/** Why an upload cannot begin or go on: the status that the portal answered. */
export class RefusedError extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}

/** One upload as the portal remembers it: begun or found again with the first question, and asked what it has. */
export class Session {
  private id = "";
  private files = 0;
  private bytes = 0;

  constructor(
    private readonly base: string,
    private readonly chosen: Found[],
    private readonly csrfToken: () => string,
    private readonly signal: AbortSignal,
  ) {}

  /** Its address. */
  get url(): string {
    return `${this.base}${this.id}`;
  }

  get isBegun(): boolean {
    return this.id !== "";
  }

  /** Count files as part of it, and ask which of them have arrived before. */
  async enter(parcels: Parcel[]): Promise<Map<string, Answered>> {
    const there = await this.answered(parcels);
    this.files += parcels.length;
    this.bytes += parcels.reduce((sum, { source }) => sum + source.size, 0);
    return there;
  }

  /** Say how many files it has: with the answer to the last of them it ends. */
  async close(): Promise<void> {
    await this.insist(`${this.id}/answered`, {
      files: [],
      total: { files: this.files, bytes: this.bytes },
    });
  }

  /** Ask which files have arrived: after a lost line nobody knows. */
  async answered(parcels: Parcel[]): Promise<Map<string, Answered>> {
    const found = new Map<string, Answered>();
    for (let from = 0; from < parcels.length; from += ASKED_AT_ONCE) {
      const files = parcels.slice(from, from + ASKED_AT_ONCE).map(({ fingerprint }) => fingerprint);
      const text = await (this.isBegun ? this.askFor(files) : this.begin(files));
      for (const answered of readAnswer(text) ?? []) found.set(answered.file, answered);
    }
    return found;
  }

  private async askFor(files: string[]): Promise<string> {
    return (await this.insist(`${this.id}/answered`, { files })).text;
  }

  /** Begin, or find the unfinished upload of what was chosen; how many files of it are images is told at the end. */
  private async begin(asked: string[]): Promise<string> {
    const label = this.chosen[0]?.path.split("/")[0] ?? "";
    const question = { digest: await digestOf(this.chosen), label, files: 0, bytes: 0, asked };
    const { text } = await this.insist("begin", question);
    this.id = (JSON.parse(text) as { id: string }).id;
    return text;
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
