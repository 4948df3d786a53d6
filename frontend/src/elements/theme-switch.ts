const YEAR_S = 31_536_000;

/**
 * Turns the reading room (dark theme) on and off; the server reads the choice from the cookie `theme`.
 *
 * ```html
 * <theme-switch><button type="button" aria-pressed="false" aria-label="Reading room">…</button></theme-switch>
 * ```
 */
export class ThemeSwitch extends HTMLElement {
  connectedCallback(): void {
    this.show();
    this.querySelector("button")?.addEventListener("click", () => this.toggle());
  }

  private get isDark(): boolean {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  private toggle(): void {
    const theme = this.isDark ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox before 140
    document.cookie = `theme=${theme}; path=/; max-age=${YEAR_S}; SameSite=Lax`;
    this.show();
  }

  private show(): void {
    this.querySelector("button")?.setAttribute("aria-pressed", String(this.isDark));
  }
}

customElements.define("theme-switch", ThemeSwitch);
