import { type Messages, readMessages } from "./messages";
import { csrfToken } from "./upload/send";

interface Answer {
  status: number;
  errors?: Record<string, string[]>;
  verdict?: string;
  detail?: string;
  study?: string;
}

/**
 * Sends pictures that come without DICOM, each with what the form says of all of them; nothing is sent twice by a second
 * try, since the portal knows the picture again.
 *
 * ```html
 * <upload-pictures data-url="/uploads/pictures" data-study-url="/studies/by-uid/{uid}/">
 *   <form>… <input type="file" data-part="files" multiple> <button data-part="send"></form>
 *   <p data-part="headline" role="status"></p> <ul data-part="results"></ul>
 *   <template data-messages>…</template>
 * </upload-pictures>
 * ```
 */
export class UploadPictures extends HTMLElement {
  private say: Messages = (key) => key;

  connectedCallback(): void {
    this.say = readMessages(this);
    this.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
  }

  private get form(): HTMLFormElement | null {
    return this.querySelector("form");
  }

  private piece<E extends HTMLElement>(name: string): E | null {
    return this.querySelector<E>(`[data-part="${name}"]`);
  }

  private async send(): Promise<void> {
    const files = [...(this.piece<HTMLInputElement>("files")?.files ?? [])];
    this.clear();
    if (files.length === 0) return this.write(this.say("no-files"));
    this.piece<HTMLButtonElement>("send")?.toggleAttribute("disabled", true);
    // Whoever prepares the next patient while these go must not change whose they are.
    const said = JSON.stringify(Object.fromEntries(new FormData(this.form ?? undefined)));
    let stored = 0;
    for (const [index, file] of files.entries()) {
      this.write(this.say("sending", { number: index + 1, total: files.length }));
      const answer = await this.post(file, said);
      if (answer.errors) {
        this.mark(answer.errors);
        break;
      }
      if (answer.verdict && answer.verdict !== "refused" && answer.verdict !== "quarantined") stored++;
      this.report(file.name, answer);
    }
    this.piece<HTMLButtonElement>("send")?.toggleAttribute("disabled", false);
    this.write(this.say(this.querySelector("[aria-invalid=true]") ? "check" : "done", { count: stored }));
  }

  private async post(file: File, said: string): Promise<Answer> {
    const boundary = `bitewing-${crypto.randomUUID()}`;
    const part = (type: string) => `--${boundary}\r\nContent-Type: ${type}\r\n\r\n`;
    const body = new Blob([
      ...[part("application/json"), said, "\r\n"],
      ...[part(file.type || "application/octet-stream"), file, `\r\n--${boundary}--\r\n`],
    ]);
    const type = `multipart/related; type="application/json"; boundary=${boundary}`;
    const headers = { "Content-Type": type, "X-CSRFToken": csrfToken(this) };
    try {
      const response = await fetch(this.dataset.url ?? "", { method: "POST", headers, body });
      const json = await response.json();
      return {
        status: response.status,
        errors: json.errors,
        verdict: response.ok ? json.status : undefined,
        detail: json.detail,
        study: json.StudyInstanceUID,
      };
    } catch {
      return { status: 0 };
    }
  }

  private report(name: string, { status, verdict, detail, study }: Answer): void {
    const item = document.createElement("li");
    const words = verdict
      ? this.say(verdict)
      : (detail ?? this.say(status === 401 ? "signed-out" : "failed"));
    item.append(
      Object.assign(document.createElement("strong"), { textContent: name }),
      Object.assign(document.createElement("span"), { textContent: words, className: "grow" }),
    );
    if (study) {
      const link = document.createElement("a");
      link.className = "text-link";
      link.href = (this.dataset.studyUrl ?? "").replace("{uid}", study);
      link.textContent = this.say("open");
      item.append(link);
    }
    this.piece("results")?.append(item);
  }

  /** Say at each field what is wrong with it, and go to the first. */
  private mark(errors: Record<string, string[]>): void {
    for (const [name, texts] of Object.entries(errors)) {
      const field = this.querySelector<HTMLElement>(`[name="${name}"]:not([type=hidden])`);
      if (!field) continue;
      const id = `${name}_error`;
      const note = Object.assign(document.createElement("p"), {
        id,
        className: "errors",
        textContent: texts.join(" "),
      });
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", id);
      field.closest("details")?.setAttribute("open", "");
      (field.closest(".field") ?? field.parentElement)?.append(note);
    }
    this.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }

  private clear(): void {
    this.piece("results")?.replaceChildren();
    for (const note of this.querySelectorAll(".errors")) note.remove();
    for (const field of this.querySelectorAll("[aria-invalid]")) {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
  }

  private write(text: string): void {
    const headline = this.piece("headline");
    if (headline) headline.textContent = text;
  }
}

customElements.define("upload-pictures", UploadPictures);
