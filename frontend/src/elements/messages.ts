export type Messages = (key: string, values?: Record<string, string | number>) => string;

/**
 * Texts that a script shows, translated by the server.
 *
 * ```html
 * <template data-messages><p data-key="retrying">Trying again in {seconds} s.</p></template>
 * ```
 */
export function readMessages(root: ParentNode): Messages {
  const template = root.querySelector<HTMLTemplateElement>("template[data-messages]");
  const texts = new Map<string, string>();
  for (const node of template?.content.querySelectorAll<HTMLElement>("[data-key]") ?? []) {
    texts.set(node.dataset.key ?? "", node.textContent ?? "");
  }
  return (key, values = {}) => fill(texts.get(key) ?? key, values);
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
