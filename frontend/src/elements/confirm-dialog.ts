/**
 * Asks before a form is sent. Without scripts the form is sent at once, so it must be something that can be undone.
 *
 * ```html
 * <confirm-dialog>
 *   <form method="post" action="…"><button type="submit">Delete</button></form>
 *   <dialog>
 *     …
 *     <form method="dialog"><button value="cancel">Cancel</button><button value="accept">Delete</button></form>
 *   </dialog>
 * </confirm-dialog>
 * ```
 *
 * The button may also belong to a form elsewhere on the page by its `form` attribute.
 */
export class ConfirmDialog extends HTMLElement {
  private asked: HTMLButtonElement | null = null;

  connectedCallback(): void {
    this.addEventListener("click", (event) => this.ask(event));
    this.dialog?.addEventListener("close", () => this.answer());
  }

  private get dialog(): HTMLDialogElement | null {
    return this.querySelector("dialog");
  }

  private ask(event: Event): void {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[type=submit]");
    if (!button || !this.dialog || this.dialog.contains(button)) return;
    event.preventDefault();
    if (button.form && !button.form.reportValidity()) return;
    this.asked = button;
    this.dialog.returnValue = "";
    this.dialog.showModal();
  }

  private answer(): void {
    const button = this.asked;
    this.asked = null;
    if (this.dialog?.returnValue === "accept") button?.form?.requestSubmit(button);
    else button?.focus();
  }
}

customElements.define("confirm-dialog", ConfirmDialog);
