import { expect, test } from "vitest";
import { cut, elementsOf, type FlowMapData, loosePlaces, ratioOf, styleOf } from "./drawing";

const PALETTE = { ink: "i", paper: "p", ground: "g", line: "l", bad: "b", party: "y" };
const DATA: FlowMapData = {
  day: "2026-10-02",
  box: { width: 190, height: 60 },
  nodes: [
    {
      key: "asset:1",
      name: "CBCT in room 2",
      below: "North",
      group: "modality",
      x: 95,
      y: 30,
      isPlaced: false,
    },
    {
      key: "party:1",
      name: "Endodontist",
      below: "Referring practice",
      group: "party",
      x: 375,
      y: 30,
      isPlaced: true,
    },
  ],
  flows: [
    {
      id: "f1",
      number: 1,
      source: "asset:1",
      target: "party:1",
      text: "",
      isBothWays: true,
      isEncrypted: false,
      discloses: true,
    },
  ],
};

test("a node stands where the server puts it, with its name over what it is", () => {
  expect(elementsOf(DATA)[0]).toEqual({
    data: { id: "asset:1", label: "CBCT in room 2\nNorth" },
    position: { x: 95, y: 30 },
    classes: "",
  });
});

test("a party looks different from an asset", () => {
  expect(elementsOf(DATA)[1]?.classes).toBe("party");
});

test("an arrow bears the number of its row in the table (RA-01), and what is to be seen of it", () => {
  expect(elementsOf(DATA)[2]).toEqual({
    data: { id: "f1", source: "asset:1", target: "party:1", label: "1" },
    classes: "both-ways plain discloses",
  });
});

test("an encrypted flow inside of the practice has no mark", () => {
  const flow = { ...DATA.flows[0], isBothWays: false, isEncrypted: true, discloses: false };
  const data = { ...DATA, flows: [flow as FlowMapData["flows"][number]] };

  expect(elementsOf(data)[2]?.classes).toBe("");
});

test.each([
  ["short", 8, "short"],
  ["exactly8", 8, "exactly8"],
  ["panoramic unit", 10, "panoramic…"],
])("a long name is cut: %s", (text, letters, expected) => {
  expect(cut(text, letters)).toBe(expected);
});

test("the boxes have the size that the server laid them out for", () => {
  const node = styleOf(PALETTE, DATA.box)[0] as unknown as { style: Record<string, unknown> };

  expect([node.style.width, node.style.height]).toEqual([190, 60]);
});

test("the desk is as wide for its height as the drawing", () => {
  expect(ratioOf(DATA)).toBeCloseTo((280 + 1.5 * 190) / (1.5 * 60));
  expect(ratioOf({ ...DATA, nodes: [] })).toBe(2);
});

test("what nobody placed is kept where it stands", () => {
  expect(Object.fromEntries(loosePlaces(DATA))).toEqual({ "asset:1": [95, 30] });
});
