/** Entry of the viewer's page. */
import "../../../static/css/viewer.css";
import { Page } from "./page";
import { loadScene } from "./scene";
import { Viewer } from "./viewer";

const root = document.querySelector<HTMLElement>("#viewer");
if (root) void start(new Page(root));

async function start(page: Page): Promise<void> {
  try {
    const scene = await loadScene(page.sceneUrl, new AbortController().signal);
    await new Viewer(page, scene).open();
  } catch (error) {
    page.showError(error);
    page.part("[data-retry]").addEventListener("click", () => location.reload(), { once: true });
  }
}
