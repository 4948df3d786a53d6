const DONE_MS = 2000;

/**
 * Copies the value of its input to the clipboard, and says so for two seconds.
 *
 * ```html
 * <copy-button>
 *   <input readonly value="…" data-copy-source>
 *   <button type="button" data-done-label="Copied"><span data-copy-label>Copy</span></button>
 * </copy-button>
 * ```
 */
export class CopyButton extends HTMLElement {
  connectedCallback(): void {
    this.querySelector("button")?.addEventListener("click", () => void this.copy());
  }

  private async copy(): Promise<void> {
    const source = this.querySelector<HTMLInputElement>("[data-copy-source]");
    if (!source) return;
    try {
      await navigator.clipboard.writeText(source.value);
      this.confirm();
    } catch {
      // Refused by the browser (no permission, plain http): the person copies the selection by hand.
      source.select();
    }
  }

  private confirm(): void {
    const button = this.querySelector("button");
    const label = this.querySelector("[data-copy-label]");
    const before = label?.textContent;
    if (!button || !label || before === button.dataset.doneLabel) return;
    label.textContent = button.dataset.doneLabel ?? "";
    setTimeout(() => {
      label.textContent = before ?? "";
    }, DONE_MS);
  }
}

customElements.define("copy-button", CopyButton);
