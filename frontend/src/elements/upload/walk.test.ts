import { expect, test } from "vitest";
import { fromDrop, fromInput } from "./walk";

const fileEntry = (path: string) => ({
  isFile: true,
  fullPath: path,
  file: (resolve: (file: File) => void) => resolve(new File(["x"], path.split("/").at(-1) ?? "")),
});

const folderEntry = (path: string, portions: object[][]) => ({
  isFile: false,
  fullPath: path,
  createReader: () => {
    const rest = [...portions, []];
    return { readEntries: (resolve: (entries: object[]) => void) => resolve(rest.shift() ?? []) };
  },
});

const item = (entry: object | null) => ({ webkitGetAsEntry: () => entry }) as unknown as DataTransferItem;

test("folders are opened to any depth, and paths keep their folders", async () => {
  const series = folderEntry("/CD/SERIES", [[fileEntry("/CD/SERIES/1")], [fileEntry("/CD/SERIES/2")]]);
  const found = await fromDrop([item(folderEntry("/CD", [[fileEntry("/CD/DICOMDIR"), series]]))]);
  expect(found.map(({ path }) => path)).toEqual(["CD/DICOMDIR", "CD/SERIES/1", "CD/SERIES/2"]);
});

test("what is dropped and is no file is passed over", async () => {
  expect(await fromDrop([item(null), item(fileEntry("/one.dcm"))])).toHaveLength(1);
});

test("chosen files carry the folder when the browser knows it", () => {
  const file = new File(["x"], "1");
  Object.defineProperty(file, "webkitRelativePath", { value: "CBCT/1" });
  expect(fromInput([file, new File(["x"], "2")]).map(({ path }) => path)).toEqual(["CBCT/1", "2"]);
});
