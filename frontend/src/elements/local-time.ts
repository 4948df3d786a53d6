/**
 * Shows an instant in the reader's language: for staff in the time zone of their centre, which the page names, for guests
 * in their own. The text of the server stays as its title.
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
    const { lang, dataset } = document.documentElement;
    time.textContent = format(at, lang, dataset.timeZone);
  }
}

/** Day and minute, the day in full so that no reader takes a month for a day. */
export function format(at: Date, language: string, timeZone?: string): string {
  return at.toLocaleString(language || undefined, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
  });
}

customElements.define("local-time", LocalTime);
