/**
 * The words of the viewer, which the server has translated:
 *
 *     <template id="viewer-texts"><p data-text="slice">Slice {n} of {total}</p></template>
 */
export type Texts = (key: string, values?: Readonly<Record<string, string | number>>) => string;

export function readTexts(template: HTMLTemplateElement): Texts {
  const known = new Map<string, string>();
  for (const element of template.content.querySelectorAll<HTMLElement>("[data-text]")) {
    known.set(element.dataset.text ?? "", element.textContent?.trim() ?? "");
  }
  return (key, values = {}) => fill(known.get(key) ?? key, values);
}

function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
