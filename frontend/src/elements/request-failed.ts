/**
 * Says that a fragment could not be fetched, where messages are shown.
 *
 * ```html
 * <div id="messages"></div>
 * <template id="request-failed"><div role="alert">…</div></template>
 * ```
 */
export function watchRequests(page: Document): void {
  const report = () => {
    const template = page.querySelector<HTMLTemplateElement>("#request-failed");
    const messages = page.querySelector("#messages");
    if (template && messages) messages.replaceChildren(template.content.cloneNode(true));
  };
  page.addEventListener("htmx:response:error", report);
  page.addEventListener("htmx:error", report);
}
