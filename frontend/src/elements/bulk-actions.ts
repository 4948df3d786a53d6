/**
 * What is done to several chosen rows: says how many are chosen, and sends what changes them a few at a time, so that
 * the bar moves. Without scripts the form sends all at once.
 *
 * ```html
 * <input type="checkbox" form="bulk" name="study" value="…">
 * <bulk-actions>
 *   <form id="bulk" method="post" action="/studies/bulk/"></form>
 *   <span data-part="count" data-none="…" data-one="…" data-many="%d …"></span>
 *   <div data-part="actions"><button form="bulk" name="action" value="bin">To the bin</button></div>
 *   <div data-part="progress" hidden><progress max="100" value="0"></progress></div>
 *   <p data-part="problem" hidden>…</p>
 * </bulk-actions>
 * ```
 */
const AT_ONCE = 10;

export class BulkActions extends HTMLElement {
  /** How the page is shown again when all is done; replaced in tests. */
  static reload = (): void => location.assign(location.pathname + location.search);

  connectedCallback(): void {
    document.addEventListener("change", (event) => {
      if ((event.target as HTMLInputElement).form === this.form) this.tell();
    });
    document.addEventListener("htmx:after:swap", () => this.tell());
    this.form?.addEventListener("submit", (event) => this.submit(event));
    this.tell();
  }

  private get form(): HTMLFormElement | null {
    return this.querySelector("form");
  }

  private get chosen(): string[] {
    const boxes = this.form ? [...this.form.elements] : [];
    return boxes
      .filter(
        (box): box is HTMLInputElement =>
          box instanceof HTMLInputElement && box.name === "study" && box.checked,
      )
      .map((box) => box.value);
  }

  private child(name: string): HTMLElement | null {
    return this.querySelector(`[data-part=${name}]`);
  }

  private tell(): void {
    const count = this.child("count");
    const number = this.chosen.length;
    if (!count) return;
    const text = number === 0 ? count.dataset.none : number === 1 ? count.dataset.one : count.dataset.many;
    count.textContent = (text ?? "").replace("%d", String(number));
    this.toggleAttribute("data-empty", number === 0);
  }

  private submit(event: SubmitEvent): void {
    const button = event.submitter as HTMLButtonElement | null;
    if (this.chosen.length === 0) event.preventDefault();
    else if (button?.name === "action" && this.form) {
      event.preventDefault();
      void this.send(this.form, button);
    }
  }

  private async send(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
    const all = this.chosen;
    const bar = this.querySelector("progress");
    this.child("progress")?.removeAttribute("hidden");
    this.child("actions")?.setAttribute("inert", "");
    for (let sent = 0; sent < all.length; sent += AT_ONCE) {
      const answer = await ask(form, button, all.slice(sent, sent + AT_ONCE));
      if (answer?.status === 403 && sent === 0) return submitAsForm(form, button);
      if (!answer?.ok) return this.refuse();
      if (bar) bar.value = (100 * Math.min(sent + AT_ONCE, all.length)) / all.length;
    }
    BulkActions.reload();
  }

  private refuse(): void {
    this.child("problem")?.removeAttribute("hidden");
    this.child("actions")?.removeAttribute("inert");
  }
}

async function ask(
  form: HTMLFormElement,
  button: HTMLButtonElement,
  ids: string[],
): Promise<Response | null> {
  const body = new FormData(form, button);
  body.delete("study");
  for (const id of ids) body.append("study", id);
  return fetch(form.getAttribute("action") ?? "", {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    // The sign-in page, to which somebody is led whose session ended, is no success.
    redirect: "manual",
  }).catch(() => null);
}

/** What is refused at once may ask for a fresh second factor: on a page, which then sends the same form again. */
function submitAsForm(form: HTMLFormElement, button: HTMLButtonElement): void {
  const action = document.createElement("input");
  Object.assign(action, { type: "hidden", name: button.name, value: button.value });
  form.append(action);
  form.submit();
}

customElements.define("bulk-actions", BulkActions);
