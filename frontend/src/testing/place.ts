/** Puts HTML on the page as the browser does: whole, before any element of it is told. For tests. */
export function place(html: string): void {
  const template = document.createElement("template");
  template.innerHTML = html;
  document.body.replaceChildren(document.importNode(template.content, true));
}
