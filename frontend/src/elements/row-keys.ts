/**
 * Moves through the rows of a list with J, K and the arrows, while one of them has the focus; Enter is the link's own.
 * O presses the row's last link, X its checkbox; / goes to the first field of the form around it.
 * Single keys work only inside the list (WCAG 2.1.4).
 *
 * ```html
 * <row-keys><table><tbody><tr><td><input type="checkbox"></td><td><a class="name" href="…">…</a></td></tr></tbody></table></row-keys>
 * ```
 */
const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

export class RowKeys extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("keydown", (event) => this.press(event));
  }

  private press(event: KeyboardEvent): void {
    const row = (event.target as Element).closest<HTMLTableRowElement>("tbody tr");
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = STEPS[event.key];
    if (step !== undefined) this.move(row, step);
    else if (event.key === "o") [...row.querySelectorAll("a")].at(-1)?.click();
    else if (event.key === "x") row.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
    else if (event.key === "/") this.search();
    else return;
    event.preventDefault();
  }

  /** Go to the field of the search; on a phone it may be folded. */
  private search(): void {
    const field = this.closest("form")?.querySelector<HTMLInputElement>("input[type=search]");
    field?.closest("details")?.setAttribute("open", "");
    field?.focus();
  }

  private move(row: HTMLTableRowElement, step: number): void {
    const rows = [...this.querySelectorAll<HTMLTableRowElement>("tbody tr")];
    const next = rows[rows.indexOf(row) + step];
    next?.querySelector<HTMLElement>("a.name")?.focus();
    next?.scrollIntoView?.({ block: "nearest" });
  }
}

customElements.define("row-keys", RowKeys);
