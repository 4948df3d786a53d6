import type { Messages } from "../messages";
import { readAnswer } from "./answer";
import { type Batch, split } from "./batch";
import type { Outcome, Send } from "./send";

export type Hold = "paused" | "signed-out" | "not-allowed" | "storage-full";

export interface Problem {
  path: string;
  reason: string;
}

export interface Options {
  send: Send;
  say: Messages;
  parallel: number;
  onChange: () => void;
}

const FIRST_DELAY_S = 1;
const LAST_DELAY_S = 30;
const HOLDS: Record<number, Hold> = { 401: "signed-out", 403: "not-allowed", 507: "storage-full" };

/**
 * Carries batches to the server, some at a time, until each has an answer.
 *
 * Sending a batch twice is harmless (the server recognises identical instances), so a pause, a lost line and a server
 * that is down all end the same way: the batch goes back to the head of the queue.
 */
export class Transfer {
  readonly totalBytes: number;
  phase: "running" | "done" | "cancelled" | Hold = "running";
  stored = 0;
  retryInS = 0;
  readonly problems: Problem[] = [];
  readonly studies = new Set<string>();
  private settledBytes = 0;
  private readonly queue: Batch[];
  private readonly inFlight = new Map<Batch, number>();
  private control = new AbortController();

  constructor(
    batches: Batch[],
    private readonly options: Options,
  ) {
    this.queue = [...batches];
    this.totalBytes = batches.reduce((sum, batch) => sum + batch.bytes, 0);
  }

  get sentBytes(): number {
    return [...this.inFlight.values()].reduce((sum, sent) => sum + sent, this.settledBytes);
  }

  get waitingFiles(): number {
    return [...this.queue, ...this.inFlight.keys()].reduce((sum, batch) => sum + batch.parcels.length, 0);
  }

  get isOver(): boolean {
    return this.phase === "done" || this.phase === "cancelled";
  }

  /** Begin, or go on after a hold. */
  async run(): Promise<void> {
    this.phase = "running";
    this.control = new AbortController();
    const { signal } = this.control;
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
  }

  private end(phase: Hold | "cancelled"): void {
    this.phase = phase;
    this.retryInS = 0;
    for (const batch of this.inFlight.keys()) this.queue.unshift(batch);
    this.inFlight.clear();
    this.control.abort();
    this.options.onChange();
  }

  private async lane(signal: AbortSignal): Promise<void> {
    for (let batch = this.queue.shift(); batch; batch = this.queue.shift()) {
      this.inFlight.set(batch, 0);
      const outcome = await this.deliver(batch, signal);
      // An ended run has put its batches back already.
      if (signal.aborted) return;
      this.inFlight.delete(batch);
      this.settle(batch, outcome);
      this.options.onChange();
      if (signal.aborted) return;
    }
  }

  /** Try until there is an answer, waiting longer each time. */
  private async deliver(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    for (let delayS = FIRST_DELAY_S; ; delayS = Math.min(delayS * 2, LAST_DELAY_S)) {
      const outcome = await this.options.send(batch, (sent) => this.note(batch, sent, signal), signal);
      if (signal.aborted || !isTransient(outcome.status)) return outcome;
      this.note(batch, 0, signal);
      await this.takeOutUnreadable(batch);
      await this.wait(outcome.retryAfterS || delayS, signal);
    }
  }

  private note(batch: Batch, sent: number, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.inFlight.set(batch, sent);
    if (sent > 0) this.retryInS = 0;
    this.options.onChange();
  }

  private async wait(seconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.retryInS = seconds;
    this.options.onChange();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      const now = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", now, { once: true });
      addEventListener("online", now, { once: true, signal });
    });
  }

  private settle(batch: Batch, outcome: Outcome): void {
    const hold = HOLDS[outcome.status];
    if (hold) {
      this.queue.unshift(batch);
      this.hold(hold);
    } else if (outcome.status === 413 && batch.parcels.length > 1) {
      this.queue.unshift(...split(batch));
    } else {
      this.settledBytes += batch.bytes;
      this.read(batch, outcome);
    }
  }

  private read(batch: Batch, { status, text }: Outcome): void {
    const answer = [200, 202, 409].includes(status) ? readAnswer(text, batch) : null;
    if (!answer) {
      this.refuse(batch, status);
      return;
    }
    this.stored += answer.stored;
    for (const uid of answer.studies) this.studies.add(uid);
    for (const { path, code, reason } of answer.refusals) {
      const said = reason || this.options.say("reason-failed", { code: hexadecimal(code) });
      this.problems.push({ path, reason: said });
    }
  }

  private refuse(batch: Batch, status: number): void {
    const reason = this.options.say(status === 413 ? "reason-too-large" : "reason-not-accepted", { status });
    for (const { path } of batch.parcels) this.problems.push({ path, reason });
  }

  /** A file that was changed or taken away while it waited breaks a request just as a lost line does. */
  private async takeOutUnreadable(batch: Batch): Promise<void> {
    const readable = await Promise.all(batch.parcels.map(({ file }) => isReadable(file)));
    const gone = batch.parcels.filter((_, index) => !readable[index]);
    batch.parcels = batch.parcels.filter((_, index) => readable[index]);
    for (const { path, file } of gone) {
      batch.bytes -= file.size;
      this.settledBytes += file.size;
      this.problems.push({ path, reason: this.options.say("reason-unreadable") });
    }
  }
}

/** No line, too busy, or a gateway without its server; a full store (507) is for the person. */
function isTransient(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || (status >= 500 && status !== 507);
}

function isReadable(file: Blob): Promise<boolean> {
  return file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
}

const hexadecimal = (code: number) => `${code.toString(16).toUpperCase().padStart(4, "0")}H`;
