/** Entry of the viewer's page. */
import "../../../static/css/viewer.css";
import "../elements/session-guard";
import { Page } from "./page";
import { sendEarly } from "./reduced";
import { Renderer } from "./renderer";
import { firstSeries, loadScene } from "./scene";
import { Viewer } from "./viewer";

const root = document.querySelector<HTMLElement>("#viewer");
if (root) void start(new Page(root));

async function start(page: Page): Promise<void> {
  try {
    const arriving = loadScene(page.sceneUrl, new AbortController().signal);
    // The graphics are made ready while the scene is on its way.
    const renderer = Renderer.create(page.canvas);
    const scene = await arriving;
    const preview = firstSeries(scene)?.volume?.preview;
    const early = preview ? sendEarly(preview) : null;
    await new Viewer(page, scene, renderer, early).open();
  } catch (error) {
    page.showError(error);
    page.part("[data-retry]").addEventListener("click", () => location.reload(), { once: true });
  }
}
