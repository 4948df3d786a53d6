import { beforeEach, expect, test, vi } from "vitest";
import { eventually } from "../testing/eventually";
import { place } from "../testing/place";
import { PatientPasskey } from "./patient-passkey";

const go = vi.fn();
const asked: [string, unknown][] = [];
let answers: Response[];

function page(kind: string): void {
  place(`<patient-passkey data-kind="${kind}" data-begin="/begin" data-finish="/finish">
    <form><input type="hidden" name="csrfmiddlewaretoken" value="token"><button type="submit">Go</button></form>
    <div data-part="done" hidden>Done</div><div data-part="problem" hidden>Problem</div>
  </patient-passkey>`);
}

function isShown(part: string): boolean {
  return !document.querySelector(`[data-part=${part}]`)?.hasAttribute("hidden");
}

const bytes = (text: string) => new TextEncoder().encode(text).buffer;
const made = {
  id: "aWQ",
  rawId: bytes("id"),
  type: "public-key",
  response: {
    clientDataJSON: bytes("data"),
    attestationObject: bytes("object"),
    authenticatorData: bytes("data"),
    signature: bytes("signed"),
    userHandle: null,
  },
};
const credentials = { create: vi.fn(), get: vi.fn() };

beforeEach(() => {
  vi.stubGlobal("PublicKeyCredential", class {});
  vi.stubGlobal("navigator", { credentials });
  credentials.create.mockReset().mockResolvedValue(made);
  credentials.get.mockReset().mockResolvedValue(made);
  PatientPasskey.go = go;
  go.mockReset();
  asked.length = 0;
  vi.stubGlobal("fetch", async (address: string, options: RequestInit) => {
    asked.push([address, JSON.parse(String(options.body))]);
    return answers.shift() ?? new Response("{}");
  });
});

test("a passkey is made and kept", async () => {
  answers = [Response.json({ challenge: "Zm9v", user: { id: "Zg" } }), Response.json({})];
  page("create");
  document.querySelector("form")?.requestSubmit();
  await eventually(() => expect(isShown("done")).toBe(true));

  const [options] = credentials.create.mock.calls[0] ?? [];
  expect([...options.publicKey.challenge]).toEqual([102, 111, 111]);
  expect(asked[1]).toEqual([
    "/finish",
    {
      id: "aWQ",
      rawId: "aWQ",
      type: "public-key",
      response: { clientDataJSON: "ZGF0YQ", attestationObject: "b2JqZWN0" },
    },
  ]);
});

test("a passkey leads in", async () => {
  answers = [Response.json({ challenge: "Zm9v" }), Response.json({ url: "/p/" })];
  page("get");
  document.querySelector("form")?.requestSubmit();

  await eventually(() => expect(go).toHaveBeenCalledWith("/p/"));
});

test("what the device or the portal refuses is said", async () => {
  answers = [Response.json({ challenge: "Zm9v" }), new Response("", { status: 400 })];
  page("get");
  document.querySelector("form")?.requestSubmit();
  await eventually(() => expect(isShown("problem")).toBe(true));

  expect(go).not.toHaveBeenCalled();
});

test("where there are no passkeys none is offered", () => {
  Reflect.deleteProperty(window, "PublicKeyCredential");
  page("get");

  expect(document.querySelector<HTMLElement>("patient-passkey")?.hidden).toBe(true);
});
