import { expect, test } from "vitest";
import { readAnswer } from "./answer";

const STORED = { file: "a", status: "stored", message: "", StudyInstanceUID: "1.2.9" };

test("an answer says of each file what became of it", () => {
  expect(readAnswer(JSON.stringify({ files: [STORED] }))).toEqual([STORED]);
});

test("a page of a proxy is not an answer", () => {
  expect(readAnswer("<html>502</html>")).toBeNull();
  expect(readAnswer('{"title": "Conflict"}')).toBeNull();
  expect(readAnswer("null")).toBeNull();
  expect(readAnswer('{"files": [{"file": 1}]}')).toBeNull();
});
