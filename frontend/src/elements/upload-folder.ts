import { bytes, duration } from "../lib/format";
import { type Messages, readMessages } from "./messages";
import type { Parcel } from "./upload/batch";
import { Rate } from "./upload/rate";
import { ask, csrfToken, sender } from "./upload/send";
import { RefusedError, Session } from "./upload/session";
import { sortFiles } from "./upload/sort";
import { HOLDS, type Problem, Transfer } from "./upload/transfer";
import { type Found, fromDrop, fromInput } from "./upload/walk";

const MOST_ROWS = 1000;
// How often progress is shown: each showing paints the page, which takes a processor from the upload itself.
const SHOWN_EVERY_MS = 500;

/**
 * Uploads folders, ZIP files and files in batches: what has arrived before is not sent again, whatever interrupted it.
 * With progress, pause, and a list of what was not stored.
 *
 * ```html
 * <upload-folder data-url="/uploads/" data-study-url="/studies/by-uid/{uid}/" data-batch-bytes="16777216" data-parallel="4"
 *                data-piece-bytes="16777216">
 *   <input type="hidden" name="csrfmiddlewaretoken" value="…">
 *   <div data-part="zone"><input type="file" data-part="folder" webkitdirectory> <input type="file" data-part="files"></div>
 *   <section data-part="unfinished"><li data-upload="…"><button data-part="continue"> <button data-part="discard"></li></section>
 *   <section data-part="status" hidden>
 *     <h2 data-part="headline" role="status"></h2>
 *     <button data-part="pause">, "resume", "cancel", "again"
 *     <progress data-part="bar"></progress> <span data-part="bytes"> "rate"
 *     "stored" "known" "held" "refused" "skipped" "waiting"
 *     <ul data-part="studies"></ul> <div data-part="doubts" hidden></div> "refusals"
 *     <details data-part="problems" hidden><table><tbody></tbody></table></details>
 *   </section>
 *   <template data-messages>…</template>
 * </upload-folder>
 * ```
 */
export class UploadFolder extends HTMLElement {
  private say: Messages = (key) => key;
  private transfer: Transfer | null = null;
  private looked = 0;
  private skipped = 0;
  private shownProblems = 0;
  private readonly rate = new Rate();
  private left = new AbortController();
  private shownPhase = "";
  private shownAt = 0;
  private showLater: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    this.say = readMessages(this);
    this.left = new AbortController();
    this.listenToFiles();
    this.listenToUnfinished();
    this.on("pause", () => this.transfer?.hold("paused"));
    this.on("resume", () => this.goOn());
    this.on("cancel", () => this.transfer?.cancel());
    this.on("again", () => location.reload());
    addEventListener("beforeunload", this.warnOfLeaving, { signal: this.left.signal });
    for (const name of ["online", "offline"]) {
      addEventListener(name, () => this.transfer && this.show(this.transfer), { signal: this.left.signal });
    }
  }

  disconnectedCallback(): void {
    this.left.abort();
    this.transfer?.cancel();
    clearTimeout(this.showLater);
  }

  private readonly warnOfLeaving = (event: BeforeUnloadEvent) => {
    if (this.transfer && !this.transfer.isOver) event.preventDefault();
  };

  private piece<E extends HTMLElement>(name: string): E | null {
    return this.querySelector<E>(`[data-part="${name}"]`);
  }

  private on(name: string, act: () => void): void {
    this.piece(name)?.addEventListener("click", act);
  }

  private listenToFiles(): void {
    for (const name of ["folder", "files"]) {
      const input = this.piece<HTMLInputElement>(name);
      input?.addEventListener("change", () => {
        void this.take(fromInput(input.files ?? []));
        input.value = "";
      });
    }
    const zone = this.piece("zone");
    zone?.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
    zone?.addEventListener("dragleave", () => zone.classList.remove("is-over"));
    zone?.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      const dropped = fromDrop(event.dataTransfer?.items ?? []);
      void dropped.then((found) => this.take(found));
    });
  }

  private listenToUnfinished(): void {
    for (const item of this.querySelectorAll<HTMLElement>("[data-upload]")) {
      item
        .querySelector("[data-part=continue]")
        ?.addEventListener("click", () => this.piece<HTMLInputElement>("folder")?.click());
      item.querySelector("[data-part=discard]")?.addEventListener("click", () => void this.discard(item));
    }
  }

  private async discard(item: HTMLElement): Promise<void> {
    const { status } = await ask(`${this.dataset.url}${item.dataset.upload}/discard`, csrfToken(this), {});
    if (status !== 200) return;
    item.remove();
    this.piece("unfinished")?.toggleAttribute("hidden", !this.querySelector("[data-upload]"));
    this.piece("folder")?.focus();
  }

  /** Look at what was given, ask what the portal has of it, and send the rest: all three at a time. */
  async take(found: Found[]): Promise<void> {
    this.begin();
    const token = () => csrfToken(this);
    const session = new Session(this.dataset.url ?? "", found, token, this.left.signal);
    const transfer = new Transfer({
      send: sender(() => session.url, token, Number(this.dataset.pieceBytes)),
      answered: (asked) => session.answered(asked),
      say: this.say,
      parallel: Number(this.dataset.parallel),
      batchBytes: Number(this.dataset.batchBytes),
      onChange: () => this.showInTime(transfer),
    });
    this.transfer = transfer;
    await Promise.all([transfer.run(), this.feed(found, session, transfer)]);
  }

  private async feed(found: Found[], session: Session, transfer: Transfer): Promise<void> {
    for await (const { parcels, skipped, count } of sortFiles(found, this.say)) {
      this.looked = count;
      this.skipped += skipped.length;
      transfer.problems.push(...skipped);
      if (parcels.length > 0) await this.enter(parcels, session, transfer);
      if (transfer.isOver) return;
      this.showInTime(transfer);
    }
    if (session.isBegun) await this.insist(transfer, () => session.close());
    transfer.close();
  }

  private async enter(parcels: Parcel[], session: Session, transfer: Transfer): Promise<void> {
    const there = await this.insist(transfer, () => session.enter(parcels));
    if (!there || transfer.isOver) return;
    for (const { source, fingerprint } of parcels) {
      const answered = there.get(fingerprint);
      if (answered) transfer.note(answered, source.path);
    }
    transfer.add(parcels.filter(({ fingerprint }) => !there.has(fingerprint)));
  }

  /** Ask, and when the portal refuses, hold all of it until the person goes on; null once it is over. */
  private async insist<T>(transfer: Transfer, act: () => Promise<T>): Promise<T | null> {
    while (!transfer.isOver) {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        transfer.hold(HOLDS[error.status] ?? "not-allowed");
        await transfer.unheld();
      }
    }
    return null;
  }

  private begin(): void {
    this.looked = 0;
    this.skipped = 0;
    this.shownProblems = 0;
    this.shownPhase = "";
    this.rate.reset();
    for (const name of ["zone", "unfinished"]) this.piece(name)?.setAttribute("hidden", "");
    this.piece("status")?.removeAttribute("hidden");
    this.querySelector("[data-part=problems] tbody")?.replaceChildren();
    this.piece("studies")?.replaceChildren();
  }

  private goOn(): void {
    this.rate.reset();
    void this.transfer?.run();
  }

  /** Show a change of phase at once, progress now and then, and the last of it for sure. */
  private showInTime(transfer: Transfer): void {
    const waitMs = this.shownAt + SHOWN_EVERY_MS - performance.now();
    if (waitMs <= 0 || transfer.phase !== this.shownPhase) this.show(transfer);
    else this.showLater ??= setTimeout(() => this.show(transfer), waitMs);
  }

  private show(transfer: Transfer): void {
    clearTimeout(this.showLater);
    this.showLater = undefined;
    this.shownPhase = transfer.phase;
    this.shownAt = performance.now();
    this.rate.note(transfer.sentBytes, performance.now());
    this.write("headline", this.headline(transfer));
    this.write(
      "bytes",
      this.say("bytes", { sent: bytes(transfer.sentBytes), total: bytes(transfer.totalBytes) }),
    );
    this.write("rate", this.rateLine(transfer));
    this.write("stored", String(transfer.stored));
    this.write("known", String(transfer.known));
    this.write("held", String(transfer.held));
    this.write("refused", String(transfer.refused));
    this.write("skipped", String(this.skipped));
    this.write("waiting", String(transfer.waitingFiles));
    this.showBar(transfer);
    this.showButtons(transfer);
    this.showProblems(transfer.problems);
    this.piece("doubts")?.toggleAttribute("hidden", transfer.held === 0);
    this.piece("refusals")?.toggleAttribute("hidden", transfer.refused === 0);
    if (transfer.isOver) this.showStudies([...transfer.studies]);
  }

  private headline(transfer: Transfer): string {
    if (transfer.phase === "running" && !navigator.onLine) return this.say("offline");
    if (transfer.phase === "running" && transfer.retryInS > 0) {
      return this.say("retrying", { seconds: transfer.retryInS });
    }
    if (transfer.phase === "running" && transfer.totalBytes === 0)
      return this.say("looking", { count: this.looked });
    if (transfer.phase !== "done") return this.say(transfer.phase);
    if (transfer.stored + transfer.known + transfer.held + transfer.refused === 0) return this.say("nothing");
    if (transfer.refused > 0) return this.say("done-with-problems");
    return this.say(transfer.held > 0 ? "done-with-doubts" : "done");
  }

  private rateLine(transfer: Transfer): string {
    const speed = this.rate.bytesPerSecond;
    if (transfer.phase !== "running" || speed <= 0) return "";
    const left = (transfer.totalBytes - transfer.sentBytes) / speed;
    return this.say("rate", { speed: bytes(speed), time: duration(left) });
  }

  private showBar(transfer: Transfer): void {
    const bar = this.piece<HTMLProgressElement>("bar");
    if (!bar) return;
    const isNothingToSend = transfer.totalBytes === 0;
    bar.max = Math.max(transfer.totalBytes, 1);
    bar.value = isNothingToSend && transfer.isOver ? 1 : transfer.sentBytes;
  }

  private showButtons({ phase, isOver }: Transfer): void {
    this.piece("pause")?.toggleAttribute("hidden", phase !== "running");
    this.piece("resume")?.toggleAttribute("hidden", phase === "running" || isOver);
    this.piece("cancel")?.toggleAttribute("hidden", isOver);
    this.piece("again")?.toggleAttribute("hidden", !isOver);
  }

  private showProblems(problems: Problem[]): void {
    const body = this.querySelector("[data-part=problems] tbody");
    this.piece("problems")?.toggleAttribute("hidden", problems.length === 0);
    for (const { path, reason } of problems.slice(this.shownProblems, MOST_ROWS)) {
      const row = document.createElement("tr");
      for (const text of [path, reason])
        row.append(Object.assign(document.createElement("td"), { textContent: text }));
      body?.append(row);
    }
    this.shownProblems = Math.min(problems.length, MOST_ROWS);
  }

  private showStudies(uids: string[]): void {
    const links = uids.map((uid, index) => {
      const key = uids.length === 1 ? "open-study" : "open-study-of";
      const link = document.createElement("a");
      link.className = index === 0 ? "btn btn-primary" : "btn btn-outline";
      link.href = (this.dataset.studyUrl ?? "").replace("{uid}", uid);
      link.textContent = this.say(key, { number: index + 1 });
      const item = document.createElement("li");
      item.append(link);
      return item;
    });
    this.piece("studies")?.replaceChildren(...links);
  }

  private write(name: string, text: string): void {
    const part = this.piece(name);
    if (part && part.textContent !== text) part.textContent = text;
  }
}

customElements.define("upload-folder", UploadFolder);
