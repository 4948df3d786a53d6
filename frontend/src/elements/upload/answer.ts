import type { Batch } from "./batch";

export interface Refusal {
  path: string;
  code: number;
  /** The server's words, without any value of a patient; empty when it gave none. */
  reason: string;
}

export interface Answer {
  stored: number;
  refusals: Refusal[];
  studies: string[];
}

interface Attribute {
  Value?: unknown[];
}

type DataSet = Record<string, Attribute | undefined>;

const RETRIEVE_URL = "00081190";
const FAILED_SOP_SEQUENCE = "00081198";
const REFERENCED_SOP_SEQUENCE = "00081199";
const FAILURE_REASON = "00081197";
const REFERENCED_SOP_INSTANCE_UID = "00081155";
const ERROR_COMMENT = "00000902";

/**
 * Read the Store Instances Response Module (PS3.18 section 10.5.3, table I.1-1) as DICOM JSON.
 *
 * A refused part is found by its SOP Instance UID, or where the server could not read one, by the
 * number in its Error Comment (0000,0902): `Part 3: ...`, counted from 1.
 */
export function readAnswer(text: string, batch: Batch): Answer | null {
  const answer = parse(text);
  if (!answer) return null;
  const stored = items(answer, REFERENCED_SOP_SEQUENCE);
  return {
    stored: stored.length,
    refusals: items(answer, FAILED_SOP_SEQUENCE).map((item) => refusal(item, batch)),
    studies: studies([answer, ...stored]),
  };
}

function refusal(item: DataSet, batch: Batch): Refusal {
  const uid = first(item, REFERENCED_SOP_INSTANCE_UID);
  const comment = first(item, ERROR_COMMENT);
  const numbered = /^part (\d+):\s*/i.exec(comment);
  const parcel =
    batch.parcels.find(({ sopInstanceUID }) => uid !== "" && sopInstanceUID === uid) ??
    batch.parcels[Number(numbered?.[1] ?? 0) - 1] ??
    (batch.parcels.length === 1 ? batch.parcels[0] : undefined);
  return {
    path: parcel?.path ?? uid,
    code: Number(first(item, FAILURE_REASON) || 0),
    reason: comment.slice(numbered?.[0].length ?? 0),
  };
}

function studies(dataSets: DataSet[]): string[] {
  const uids = dataSets.map(
    (dataSet) => /\/studies\/([0-9.]+)/.exec(first(dataSet, RETRIEVE_URL))?.[1] ?? "",
  );
  return [...new Set(uids)].filter((uid) => uid !== "");
}

function items(dataSet: DataSet, tag: string): DataSet[] {
  return (dataSet[tag]?.Value ?? []) as DataSet[];
}

function first(dataSet: DataSet, tag: string): string {
  return String(dataSet[tag]?.Value?.[0] ?? "");
}

/** The response is one data set; some servers wrap it in an array. */
function parse(text: string): DataSet | null {
  try {
    const json: unknown = JSON.parse(text);
    const dataSet = Array.isArray(json) ? json[0] : json;
    return isDataSet(dataSet) ? dataSet : null;
  } catch {
    return null;
  }
}

function isDataSet(value: unknown): value is DataSet {
  const isObject = typeof value === "object" && value !== null;
  return (
    isObject && (REFERENCED_SOP_SEQUENCE in value || FAILED_SOP_SEQUENCE in value || RETRIEVE_URL in value)
  );
}
