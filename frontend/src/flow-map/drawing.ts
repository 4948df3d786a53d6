import type { ElementDefinition, StylesheetJson } from "cytoscape";

/** The map as the server tells it; places are the middles of the boxes. */
export interface FlowMapData {
  day: string;
  box: { width: number; height: number };
  nodes: MapNode[];
  flows: MapFlow[];
}

export interface MapNode {
  key: string;
  name: string;
  below: string;
  group: string;
  x: number;
  y: number;
  /** Whether a person put it there; what nobody placed would move when another leaves its lane. */
  isPlaced: boolean;
}

export interface MapFlow {
  id: string;
  number: number;
  source: string;
  target: string;
  text: string;
  isBothWays: boolean;
  isEncrypted: boolean;
  discloses: boolean;
}

/** Colours as the canvas takes them: resolved from the tokens of the present theme. */
export interface Palette {
  ink: string;
  paper: string;
  ground: string;
  line: string;
  bad: string;
  party: string;
}

const NAME_LETTERS = 26;
const BELOW_LETTERS = 32;

/** Turn the map into boxes and arrows; an arrow bears the number that its flow has in the table. */
export function elementsOf(data: FlowMapData): ElementDefinition[] {
  const boxes = data.nodes.map((node) => ({
    data: { id: node.key, label: `${cut(node.name, NAME_LETTERS)}\n${cut(node.below, BELOW_LETTERS)}` },
    position: { x: node.x, y: node.y },
    classes: node.group === "party" ? "party" : "",
  }));
  const arrows = data.flows.map((flow) => ({
    data: { id: flow.id, source: flow.source, target: flow.target, label: String(flow.number) },
    classes: classesOf(flow),
  }));
  return [...boxes, ...arrows];
}

function classesOf(flow: MapFlow): string {
  const marks = { "both-ways": flow.isBothWays, plain: !flow.isEncrypted, discloses: flow.discloses };
  return Object.entries(marks)
    .filter(([, applies]) => applies)
    .map(([name]) => name)
    .join(" ");
}

export function cut(text: string, letters: number): string {
  return text.length <= letters ? text : `${text.slice(0, letters - 1).trimEnd()}…`;
}

/** Where those stand that nobody has placed: they are kept with the first thing that is moved. */
export function loosePlaces(data: FlowMapData): Map<string, [number, number]> {
  return new Map(data.nodes.filter((node) => !node.isPlaced).map((node) => [node.key, [node.x, node.y]]));
}

/** How wide the drawing is for its height, so that the desk has no empty halves. */
export function ratioOf(data: FlowMapData): number {
  const span = (values: number[], size: number) => Math.max(...values) - Math.min(...values) + 1.5 * size;
  const across = span(
    data.nodes.map((node) => node.x),
    data.box.width,
  );
  const down = span(
    data.nodes.map((node) => node.y),
    data.box.height,
  );
  return data.nodes.length ? across / down : 2;
}

/** The look of the map: the same signs as in the drawing of the server (`compliance/flows/drawing.py`). */
export function styleOf(palette: Palette, box: FlowMapData["box"]): StylesheetJson {
  return [
    {
      selector: "node",
      style: {
        shape: "round-rectangle",
        width: box.width,
        height: box.height,
        label: "data(label)",
        "text-wrap": "wrap",
        "text-valign": "center",
        "text-halign": "center",
        "font-size": 13,
        "line-height": 1.35,
        color: palette.ink,
        "background-color": palette.ground,
        "border-width": 1,
        "border-color": palette.line,
      },
    },
    { selector: "node.party", style: { "corner-radius": "28", "background-color": palette.party } },
    { selector: "node:selected", style: { "border-width": 3 } },
    {
      selector: "edge",
      style: {
        width: 1.8,
        "curve-style": "bezier",
        "control-point-step-size": 60,
        "line-color": palette.line,
        "target-arrow-color": palette.line,
        "target-arrow-shape": "triangle",
        "source-arrow-color": palette.line,
        label: "data(label)",
        "font-size": 12,
        color: palette.ink,
        "text-background-color": palette.paper,
        "text-background-opacity": 1,
        "text-background-shape": "roundrectangle",
        "text-background-padding": "4px",
        "text-border-width": 1,
        "text-border-color": palette.line,
        "text-border-opacity": 1,
      },
    },
    { selector: "edge.both-ways", style: { "source-arrow-shape": "triangle" } },
    { selector: "edge.plain", style: { "line-style": "dashed" } },
    {
      selector: "edge.discloses",
      style: {
        width: 2.6,
        "line-color": palette.bad,
        "target-arrow-color": palette.bad,
        "source-arrow-color": palette.bad,
        "text-border-color": palette.bad,
        "text-border-width": 2,
        "text-border-style": "double",
      },
    },
  ];
}
