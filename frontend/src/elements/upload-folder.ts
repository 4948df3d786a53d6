import { bytes, duration } from "../lib/format";
import { type Messages, readMessages } from "./messages";
import { type Parcel, pack } from "./upload/batch";
import { type Head, readHead } from "./upload/head";
import { Rate } from "./upload/rate";
import { csrfToken, sender } from "./upload/send";
import { type Problem, Transfer } from "./upload/transfer";
import { type Found, fromDrop, fromInput } from "./upload/walk";

const HEADS_AT_ONCE = 64;
const MOST_ROWS = 1000;
const REASONS: Record<Exclude<Head["kind"], "dicom">, string> = {
  index: "reason-index",
  empty: "reason-empty",
  other: "reason-not-dicom",
  unreadable: "reason-unreadable",
};

/**
 * Uploads folders and files by STOW-RS in batches, with progress, pause and a list of what was not stored.
 *
 * ```html
 * <upload-folder data-url="/dicom-web/studies" data-study-url="/studies/by-uid/{uid}/"
 *                data-batch-bytes="33554432" data-parallel="3">
 *   <input type="hidden" name="csrfmiddlewaretoken" value="…">
 *   <div data-part="zone"><input type="file" data-part="folder" webkitdirectory> <input type="file" data-part="files"></div>
 *   <section data-part="status" hidden>
 *     <h2 data-part="headline" role="status"></h2>
 *     <button data-part="pause">, "resume", "cancel", "again"
 *     <progress data-part="bar"></progress> <span data-part="bytes"> "rate" "stored" "refused" "skipped" "waiting"
 *     <ul data-part="studies"></ul>
 *     <details data-part="problems" hidden><table><tbody></tbody></table></details>
 *   </section>
 *   <template data-messages>…</template>
 * </upload-folder>
 * ```
 */
export class UploadFolder extends HTMLElement {
  private say: Messages = (key) => key;
  private transfer: Transfer | null = null;
  private skipped: Problem[] = [];
  private shownProblems = 0;
  private readonly rate = new Rate();

  connectedCallback(): void {
    this.say = readMessages(this);
    this.listenToFiles();
    this.on("pause", () => this.transfer?.hold("paused"));
    this.on("resume", () => this.goOn());
    this.on("cancel", () => this.transfer?.cancel());
    this.on("again", () => this.startOver());
    addEventListener("beforeunload", this.warnOfLeaving);
  }

  disconnectedCallback(): void {
    removeEventListener("beforeunload", this.warnOfLeaving);
    this.transfer?.cancel();
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

  /** Look at what was given, leave out what is not DICOM, and send the rest. */
  async take(found: Found[]): Promise<void> {
    this.begin();
    const parcels = await this.sort(found);
    const batches = pack(parcels, Number(this.dataset.batchBytes));
    const transfer = new Transfer(batches, {
      send: sender(this.dataset.url ?? "", () => csrfToken(this)),
      say: this.say,
      parallel: Number(this.dataset.parallel),
      onChange: () => this.show(transfer),
    });
    this.transfer = transfer;
    await transfer.run();
  }

  private begin(): void {
    this.skipped = [];
    this.shownProblems = 0;
    this.rate.reset();
    this.piece("zone")?.setAttribute("hidden", "");
    this.piece("status")?.removeAttribute("hidden");
    this.querySelector("[data-part=problems] tbody")?.replaceChildren();
    this.piece("studies")?.replaceChildren();
    this.write("headline", this.say("looking"));
  }

  private startOver(): void {
    this.transfer = null;
    this.piece("status")?.setAttribute("hidden", "");
    this.piece("zone")?.removeAttribute("hidden");
    this.piece("folder")?.focus();
  }

  private goOn(): void {
    this.rate.reset();
    void this.transfer?.run();
  }

  private async sort(found: Found[]): Promise<Parcel[]> {
    const parcels: Parcel[] = [];
    for (let from = 0; from < found.length; from += HEADS_AT_ONCE) {
      const some = found.slice(from, from + HEADS_AT_ONCE);
      const heads = await Promise.all(some.map(({ file }) => readHead(file)));
      for (const [index, { file, path }] of some.entries()) {
        const head = heads[index] ?? { kind: "unreadable" };
        if (head.kind === "dicom") parcels.push({ file, path, sopInstanceUID: head.sopInstanceUID });
        else this.skipped.push({ path, reason: this.say(REASONS[head.kind]) });
      }
    }
    return parcels;
  }

  private show(transfer: Transfer): void {
    this.rate.note(transfer.sentBytes, performance.now());
    this.write("headline", this.headline(transfer));
    this.write(
      "bytes",
      this.say("bytes", { sent: bytes(transfer.sentBytes), total: bytes(transfer.totalBytes) }),
    );
    this.write("rate", this.rateLine(transfer));
    this.write("stored", String(transfer.stored));
    this.write("refused", String(transfer.problems.length));
    this.write("skipped", String(this.skipped.length));
    this.write("waiting", String(transfer.waitingFiles));
    this.showBar(transfer);
    this.showButtons(transfer);
    this.showProblems([...this.skipped, ...transfer.problems]);
    if (transfer.isOver) this.showStudies([...transfer.studies]);
  }

  private headline(transfer: Transfer): string {
    if (transfer.phase === "running" && transfer.retryInS > 0) {
      return this.say("retrying", { seconds: transfer.retryInS });
    }
    if (transfer.phase !== "done") return this.say(transfer.phase);
    if (transfer.totalBytes === 0) return this.say("nothing");
    return this.say(transfer.problems.length > 0 ? "done-with-problems" : "done");
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
    bar.max = Math.max(transfer.totalBytes, 1);
    bar.value = transfer.sentBytes;
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
