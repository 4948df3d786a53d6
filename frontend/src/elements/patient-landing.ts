/**
 * Takes the code of a printed square out of the address bar and into its field; nothing is sent before the person does.
 *
 * ```html
 * <patient-landing><form method="post" action="/p/enter"><input name="code"> …</form></patient-landing>
 * ```
 */
export class PatientLanding extends HTMLElement {
  connectedCallback(): void {
    const code = location.hash.slice(1);
    if (!code) return;
    history.replaceState(null, "", location.pathname);
    const input = this.querySelector<HTMLInputElement>("input[name=code]");
    if (!input || !isPrintedCode(code)) return;
    input.value = code;
    this.querySelector<HTMLInputElement>("input[name=email]")?.focus();
  }
}

/** Four groups of four of Crockford's base 32. */
export function isPrintedCode(text: string): boolean {
  return /^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/.test(text);
}

customElements.define("patient-landing", PatientLanding);
