/**
 * Shows an instant where its reader is: for staff in the time zone of their centre, which the page names, for guests in
 * their own. The text of the server stays as its title.
 *
 * ```html
 * <local-time><time datetime="2026-10-02T14:03:00+00:00">2026-10-02 14:03 UTC</time></local-time>
 * ```
 */
export class LocalTime extends HTMLElement {
  connectedCallback(): void {
    const time = this.querySelector("time");
    const at = new Date(time?.dateTime ?? "");
    if (!time || time.title || Number.isNaN(at.getTime())) return;
    time.title = time.textContent ?? "";
    time.textContent = format(at, document.documentElement.dataset.timeZone);
  }
}

/** Day and minute as all dates of the portal are written, in every language: ISO 8601, which is the form of Sweden. */
export function format(at: Date, timeZone?: string): string {
  return at.toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone });
}

customElements.define("local-time", LocalTime);
