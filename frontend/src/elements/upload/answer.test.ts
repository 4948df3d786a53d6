import { expect, test } from "vitest";
import { readAnswer } from "./answer";

const parcel = (path: string, sopInstanceUID: string) => ({ file: new Blob(["x"]), path, sopInstanceUID });
const BATCH = { parcels: [parcel("CD/1", "1.2.1"), parcel("CD/2", "1.2.2"), parcel("CD/3", "")], bytes: 3 };
const STUDY_URL = { vr: "UR", Value: ["https://portal.example/dicom-web/studies/1.2.9"] };

const answer = (failed: object[], stored: object[] = []) =>
  JSON.stringify({
    "00081190": STUDY_URL,
    "00081198": { vr: "SQ", Value: failed },
    "00081199": { vr: "SQ", Value: stored },
  });

test("stored instances are counted and their study is known", () => {
  const stored = [
    { "00081155": { vr: "UI", Value: ["1.2.1"] } },
    { "00081155": { vr: "UI", Value: ["1.2.2"] } },
  ];
  expect(readAnswer(answer([], stored), BATCH)).toEqual({ stored: 2, refusals: [], studies: ["1.2.9"] });
});

test("a refused instance is named by the file it came from", () => {
  const failed = [
    {
      "00081155": { vr: "UI", Value: ["1.2.2"] },
      "00081197": { vr: "US", Value: [43264] },
      "00000902": { vr: "LO", Value: ["Part 2: pixel data ends at byte 4096 of 8192"] },
    },
  ];
  expect(readAnswer(answer(failed), BATCH)?.refusals).toEqual([
    { path: "CD/2", code: 43264, reason: "pixel data ends at byte 4096 of 8192" },
  ]);
});

test("a part without a readable UID is named by its number", () => {
  const failed = [
    { "00081197": { vr: "US", Value: [49152] }, "00000902": { vr: "LO", Value: ["Part 3: not DICOM"] } },
  ];
  expect(readAnswer(answer(failed), BATCH)?.refusals[0]).toEqual({
    path: "CD/3",
    code: 49152,
    reason: "not DICOM",
  });
});

test("a refusal that names nothing is at least counted", () => {
  expect(readAnswer(answer([{}]), BATCH)?.refusals).toEqual([{ path: "", code: 0, reason: "" }]);
});

test("instances of several studies give several links", () => {
  const stored = ["1.2.9", "1.2.10"].map((uid) => ({
    "00081190": { vr: "UR", Value: [`/dicom-web/studies/${uid}/series/1/instances/2`] },
  }));
  expect(readAnswer(answer([], stored), BATCH)?.studies).toEqual(["1.2.9", "1.2.10"]);
});

test("a page of a proxy is not an answer", () => {
  expect(readAnswer("<html>502</html>", BATCH)).toBeNull();
  expect(readAnswer('{"title": "Conflict"}', BATCH)).toBeNull();
});
