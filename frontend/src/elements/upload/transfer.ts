import type { Messages } from "../messages";
import { type Answered, readAnswer } from "./answer";
import { type Batch, batchOf, halve, Packer, type Parcel, split } from "./batch";
import { isTransient, Patience, wait } from "./patience";
import type { Outcome, Send } from "./send";
import { RefusedError } from "./session";

export type Hold = "paused" | "signed-out" | "not-allowed" | "storage-full";

export interface Problem {
  path: string;
  reason: string;
}

export interface Options {
  send: Send;
  /** What the portal has of these files. */
  answered: (parcels: Parcel[]) => Promise<Map<string, Answered>>;
  say: Messages;
  parallel: number;
  batchBytes: number;
  onChange: () => void;
}

export const HOLDS: Record<number, Hold> = { 401: "signed-out", 403: "not-allowed", 507: "storage-full" };

/**
 * Carries files to the portal in batches, some at a time, until each file has an answer. It begins with the first of them,
 * while the page still looks at the others.
 *
 * When a line breaks nobody knows whether the batch was stored: the portal is asked which of its files it has, and only
 * the others go again, in halves, so that a line that breaks often loses less each time.
 */
export class Transfer {
  totalBytes = 0;
  phase: "running" | "done" | "cancelled" | Hold = "running";
  stored = 0;
  known = 0;
  held = 0;
  refused = 0;
  retryInS = 0;
  readonly problems: Problem[] = [];
  readonly studies = new Set<string>();
  private settledBytes = 0;
  private readonly queue: Batch[] = [];
  private readonly inFlight = new Map<Batch, number>();
  private readonly packer: Packer;
  private isWhole = false;
  private control = new AbortController();
  private waiting: (() => void)[] = [];

  constructor(private readonly options: Options) {
    this.packer = new Packer(options.batchBytes);
  }

  /** Take files to be sent. */
  add(parcels: Parcel[]): void {
    for (const parcel of parcels) {
      this.totalBytes += parcel.source.size;
      this.queue.push(...this.packer.add(parcel));
    }
    this.wake();
  }

  /** Say that no more files come. */
  close(): void {
    this.queue.push(...this.packer.end());
    this.isWhole = true;
    this.wake();
  }

  /** Wait until it is not held any more. */
  async unheld(): Promise<void> {
    while (this.phase !== "running" && !this.isOver) await this.changed();
  }

  get sentBytes(): number {
    return [...this.inFlight.values()].reduce((sum, sent) => sum + sent, this.settledBytes);
  }

  get waitingFiles(): number {
    const batches = [...this.queue, ...this.inFlight.keys()];
    return batches.reduce((sum, batch) => sum + batch.parcels.length, this.packer.waitingFiles);
  }

  get isOver(): boolean {
    return this.phase === "done" || this.phase === "cancelled";
  }

  /** Begin, or go on after a hold. */
  async run(): Promise<void> {
    this.phase = "running";
    this.control = new AbortController();
    const { signal } = this.control;
    this.wake();
    this.options.onChange();
    await Promise.all(Array.from({ length: this.options.parallel }, () => this.lane(signal)));
    if (signal.aborted) return;
    this.phase = "done";
    this.options.onChange();
  }

  hold(reason: Hold): void {
    if (this.phase === "running") this.end(reason);
  }

  cancel(): void {
    if (!this.isOver) this.end("cancelled");
    this.queue.length = 0;
    this.packer.end();
  }

  /** Count a file that need not be sent: an earlier try or another upload brought it. */
  note(answered: Answered, path: string): void {
    this.count(answered.status === "stored" ? { ...answered, status: "duplicate" } : answered, path);
  }

  private end(phase: Hold | "cancelled"): void {
    this.phase = phase;
    this.retryInS = 0;
    for (const batch of this.inFlight.keys()) this.queue.unshift(batch);
    this.inFlight.clear();
    this.control.abort();
    this.wake();
    this.options.onChange();
  }

  private changed(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** The next batch: a full one, else what there is by now, since a portal that waits loses more than a small batch costs. */
  private async next(signal: AbortSignal): Promise<Batch | undefined> {
    for (;;) {
      if (this.queue.length === 0) this.queue.push(...this.packer.end());
      if (this.queue.length > 0 || this.isWhole || signal.aborted) break;
      await this.changed();
    }
    const batch = signal.aborted ? undefined : this.queue.shift();
    // At once: whoever holds the transfer puts back what is in flight.
    if (batch) this.inFlight.set(batch, 0);
    return batch;
  }

  private async lane(signal: AbortSignal): Promise<void> {
    const patience = new Patience();
    for (let batch = await this.next(signal); batch; batch = await this.next(signal)) {
      if (signal.aborted) return;
      const outcome = await this.options.send(batch, this.noting(batch, signal), signal);
      // An ended run has put its batches back already.
      if (signal.aborted) return;
      if (isTransient(outcome.status)) await this.tryAgainLater(batch, outcome, patience, signal);
      else {
        patience.reset();
        this.settle(batch, outcome);
      }
      if (signal.aborted) return;
      this.options.onChange();
    }
  }

  private noting(batch: Batch, signal: AbortSignal): (sent: number) => void {
    return (sent) => {
      if (signal.aborted) return;
      this.inFlight.set(batch, sent);
      if (sent > 0) this.retryInS = 0;
      this.options.onChange();
    };
  }

  private async tryAgainLater(
    batch: Batch,
    { retryAfterS }: Outcome,
    patience: Patience,
    signal: AbortSignal,
  ) {
    this.inFlight.set(batch, 0);
    this.retryInS = patience.next(retryAfterS);
    this.options.onChange();
    await this.takeOutUnreadable(batch);
    await wait(this.retryInS, signal);
    if (signal.aborted) return;
    this.retryInS = 0;
    await this.askAfter(batch, signal);
  }

  /** Ask what arrived of a batch, and put the rest back. */
  private async askAfter(batch: Batch, signal: AbortSignal): Promise<void> {
    try {
      const there = await this.options.answered(batch.parcels);
      if (signal.aborted) return;
      this.inFlight.delete(batch);
      const left = batch.parcels.filter(({ fingerprint }) => !there.has(fingerprint));
      for (const parcel of batch.parcels) {
        const answered = there.get(parcel.fingerprint);
        if (answered) this.arrive(parcel, answered);
      }
      this.queue.unshift(...halve(batchOf(left)));
    } catch (error) {
      if (!(error instanceof RefusedError) || signal.aborted) return;
      this.hold(HOLDS[error.status] ?? "not-allowed");
    }
  }

  private settle(batch: Batch, outcome: Outcome): void {
    this.inFlight.delete(batch);
    const hold = HOLDS[outcome.status];
    if (hold) {
      this.queue.unshift(batch);
      this.hold(hold);
    } else if (outcome.status === 413 && batch.parcels.length > 1) {
      this.queue.unshift(...split(batch));
    } else {
      this.read(batch, outcome);
    }
  }

  private read(batch: Batch, { status, text }: Outcome): void {
    const answers = status === 200 ? readAnswer(text) : null;
    const byFile = new Map(answers?.map((answered) => [answered.file, answered]));
    const reason = this.options.say(status === 413 ? "reason-too-large" : "reason-not-accepted", { status });
    for (const parcel of batch.parcels) {
      const answered = byFile.get(parcel.fingerprint);
      if (answered) this.arrive(parcel, answered);
      else this.refuse(parcel, reason);
    }
  }

  private arrive({ source }: Parcel, answered: Answered): void {
    this.settledBytes += source.size;
    this.count(answered, source.path);
  }

  private count({ status, message, StudyInstanceUID }: Answered, path: string): void {
    // What is in doubt is shown to few: the page leads them to the decision instead.
    if (StudyInstanceUID && status !== "held") this.studies.add(StudyInstanceUID);
    if (status === "stored") this.stored++;
    else if (status === "duplicate") this.known++;
    else if (status === "held") this.report("held", path, this.options.say("reason-held"));
    else this.report("refused", path, message || this.options.say("reason-refused"));
  }

  private refuse({ source }: Parcel, reason: string): void {
    this.settledBytes += source.size;
    this.report("refused", source.path, reason);
  }

  private report(count: "held" | "refused", path: string, reason: string): void {
    this[count]++;
    this.problems.push({ path, reason });
  }

  /** A file that was changed or taken away while it waited breaks a request just as a lost line does. */
  private async takeOutUnreadable(batch: Batch): Promise<void> {
    const readable = await Promise.all(batch.parcels.map(({ source }) => source.isReadable()));
    const gone = batch.parcels.filter((_, index) => !readable[index]);
    batch.parcels = batch.parcels.filter((_, index) => readable[index]);
    for (const parcel of gone) this.refuse(parcel, this.options.say("reason-unreadable"));
  }
}
