import { afterEach, beforeEach, expect, test, vi } from "vitest";

type Handler = (event: { target: { id: () => string; position: () => { x: number; y: number } } }) => void;
const drawn = vi.hoisted(() => ({ handler: null as unknown, options: null as unknown }));
vi.mock("cytoscape", () => ({
  default: (options: unknown) => {
    drawn.options = options;
    return {
      on: (_event: string, _selector: string, handler: unknown) => {
        drawn.handler = handler;
      },
      style: vi.fn(),
      resize: vi.fn(),
      fit: vi.fn(),
      destroy: vi.fn(),
    };
  },
}));
await import("./flow-map");

const DATA = { day: "2026-10-02", box: { width: 190, height: 60 }, nodes: [], flows: [] };
let answers: Response[] = [];
const asked = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  asked.mockReset();
  vi.stubGlobal("fetch", (...question: unknown[]) => {
    asked(...question);
    return Promise.resolve(answers.shift() ?? new Response(null, { status: 500 }));
  });
});

afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
});

async function show(places: string): Promise<HTMLElement> {
  document.body.innerHTML = `<flow-map data-src="/map.json" ${places} data-saved="saved" data-failed="failed">
    <img src="/map.svg" alt="The map"></flow-map>`;
  await vi.advanceTimersByTimeAsync(1);
  return document.querySelector("flow-map") as HTMLElement;
}

function move(key: string, x: number, y: number): void {
  (drawn.handler as Handler)({ target: { id: () => key, position: () => ({ x, y }) } });
}

test("the drawing of the server stays when the map cannot be loaded", async () => {
  answers = [new Response(null, { status: 503 })];
  const map = await show("");

  expect(map.hasAttribute("data-is-drawn")).toBe(false);
  expect(map.querySelector("img")?.alt).toBe("The map");
});

test("the map is named like the drawing that it covers", async () => {
  answers = [Response.json(DATA)];
  const map = await show("");

  expect(map.querySelector("[role=img]")?.getAttribute("aria-label")).toBe("The map");
});

test("who may not change the map cannot move anything", async () => {
  answers = [Response.json(DATA)];
  await show("");

  expect((drawn.options as { autoungrabify: boolean }).autoungrabify).toBe(true);
});

test("several moves are saved together, a moment after the last one", async () => {
  answers = [Response.json(DATA), new Response(null, { status: 204 })];
  const map = await show('data-places="/places"');
  move("asset:1", 10.4, 20.6);
  move("asset:2", 1, 2);
  await vi.advanceTimersByTimeAsync(700);

  expect(asked).toHaveBeenCalledTimes(2);
  expect(JSON.parse(asked.mock.calls[1]?.[1].body)).toEqual({ "asset:1": [10, 21], "asset:2": [1, 2] });
  expect(map.querySelector("[role=status]")?.textContent).toBe("saved");
});

test("what could not be saved goes along with the next move", async () => {
  answers = [Response.json(DATA), new Response(null, { status: 500 }), new Response(null, { status: 204 })];
  const map = await show('data-places="/places"');
  move("asset:1", 10, 20);
  await vi.advanceTimersByTimeAsync(700);
  expect(map.querySelector("[role=status]")?.textContent).toBe("failed");
  move("asset:2", 1, 2);
  await vi.advanceTimersByTimeAsync(700);

  expect(JSON.parse(asked.mock.calls[2]?.[1].body)).toEqual({ "asset:1": [10, 20], "asset:2": [1, 2] });
});

test("no style sheet is written into the page", async () => {
  answers = [Response.json(DATA)];
  await show("");

  expect(document.getElementById("__________cytoscape_stylesheet")?.tagName).toBe("META");
});

test("with the first move everything is kept that nobody has placed, and only then", async () => {
  const node = { key: "asset:9", name: "", below: "", group: "", x: 5, y: 6, isPlaced: false };
  answers = [Response.json({ ...DATA, nodes: [node] }), new Response(null), new Response(null)];
  await show('data-places="/places"');
  move("asset:1", 1, 2);
  await vi.advanceTimersByTimeAsync(700);
  move("asset:1", 3, 4);
  await vi.advanceTimersByTimeAsync(700);

  expect(JSON.parse(asked.mock.calls[1]?.[1].body)).toEqual({ "asset:9": [5, 6], "asset:1": [1, 2] });
  expect(JSON.parse(asked.mock.calls[2]?.[1].body)).toEqual({ "asset:1": [3, 4] });
});
