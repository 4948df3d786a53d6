/**
 * Searches by what was chosen before the form was ready: on a slow line people are faster than the script, and a browser
 * that comes back to a page fills in what was chosen there.
 *
 * ```html
 * <form hx-post="/studies/" hx-trigger="submit, input"><select name="modality">…</select></form>
 * ```
 */
export function searchByEarlyChoices(page: Document): void {
  page.addEventListener("htmx:after:init", ({ target }) => {
    if (!(target instanceof HTMLFormElement) || !target.getAttribute("hx-trigger")?.includes("input")) return;
    const chosen = [...target.elements].find(differsFromThePage);
    chosen?.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function differsFromThePage(control: Element): boolean {
  if (control instanceof HTMLSelectElement) {
    const options = [...control.options];
    const first = Math.max(
      options.findIndex((option) => option.hasAttribute("selected")),
      0,
    );
    return control.selectedIndex !== first;
  }
  if (!(control instanceof HTMLInputElement) || control.type === "hidden") return false;
  return control.value !== control.defaultValue || control.checked !== control.defaultChecked;
}
