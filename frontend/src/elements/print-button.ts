/**
 * Prints the page.
 *
 * ```html
 * <print-button><button type="button">Print</button></print-button>
 * ```
 */
export class PrintButton extends HTMLElement {
  connectedCallback(): void {
    this.querySelector("button")?.addEventListener("click", () => window.print());
  }
}

customElements.define("print-button", PrintButton);
