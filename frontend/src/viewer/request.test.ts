import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hasLostAccess, isAbort, problemOf, problemOfStatus, ViewerError } from "./problem";
import { request, requestBytes, withRetry } from "./request";

const OPTIONS = { accept: "application/json", signal: new AbortController().signal };
const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal("fetch", fetched);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a request", () => {
  test("leaves nothing in the browser's cache", async () => {
    fetched.mockResolvedValue(new Response("{}"));
    await request("/scene", OPTIONS);
    expect(fetched).toHaveBeenCalledWith(
      "/scene",
      expect.objectContaining({
        cache: "no-store",
        referrerPolicy: "no-referrer",
        credentials: "same-origin",
      }),
    );
  });

  test.each([
    [401, "session-ended"],
    [403, "forbidden"],
    [404, "not-found"],
    [410, "revoked"],
    [500, "server"],
    [503, "server"],
  ])("answered with %d is %s", async (status, problem) => {
    fetched.mockResolvedValue(new Response("", { status }));
    await expect(request("/scene", OPTIONS)).rejects.toMatchObject({ problem });
  });

  test("without a network is offline", async () => {
    fetched.mockRejectedValue(new TypeError("Failed to fetch"));
    await expect(requestBytes("/frame", OPTIONS)).rejects.toMatchObject({ problem: "offline" });
  });

  test("that was given up stays given up", async () => {
    fetched.mockRejectedValue(new DOMException("", "AbortError"));
    await expect(request("/scene", OPTIONS)).rejects.toSatisfy(isAbort);
  });

  test("sent to the sign-in page means that the session has ended", async () => {
    const redirect = new Response(null);
    Object.defineProperty(redirect, "type", { value: "opaqueredirect" });
    fetched.mockResolvedValue(redirect);
    await expect(request("/scene", OPTIONS)).rejects.toMatchObject({ problem: "session-ended" });
  });

  test("for bytes answers them", async () => {
    fetched.mockResolvedValue(new Response(new Uint8Array([1, 2, 3])));
    expect(await requestBytes("/frame", OPTIONS)).toEqual(new Uint8Array([1, 2, 3]));
  });
});

describe("trying again", () => {
  const { signal } = OPTIONS;

  test("helps against a server that is busy", async () => {
    const attempt = vi
      .fn<() => Promise<string>>()
      .mockRejectedValueOnce(new ViewerError("server"))
      .mockResolvedValue("there");
    expect(await withRetry(attempt, signal, [1, 1])).toBe("there");
    expect(attempt).toHaveBeenCalledTimes(2);
  });

  test("ends after the last pause", async () => {
    const attempt = vi.fn<() => Promise<string>>().mockRejectedValue(new ViewerError("offline"));
    await expect(withRetry(attempt, signal, [1, 1])).rejects.toMatchObject({ problem: "offline" });
    expect(attempt).toHaveBeenCalledTimes(3);
  });

  test("is not done where access is missing", async () => {
    const attempt = vi.fn<() => Promise<string>>().mockRejectedValue(new ViewerError("revoked"));
    await expect(withRetry(attempt, signal, [1, 1])).rejects.toMatchObject({ problem: "revoked" });
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  test("ends when the reader leaves during a pause", async () => {
    const leave = new AbortController();
    const attempt = vi.fn<() => Promise<string>>().mockRejectedValue(new ViewerError("server"));
    const waiting = withRetry(attempt, leave.signal, [60_000]);
    leave.abort();
    await expect(waiting).rejects.toBeDefined();
    expect(attempt).toHaveBeenCalledTimes(1);
  });
});

describe("problems", () => {
  test("an unknown status is the server's", () => {
    expect(problemOfStatus(418)).toBe("server");
  });

  test("an error of another kind is the server's", () => {
    expect(problemOf(new Error("?"))).toBe("server");
  });

  test("a withdrawn link takes the picture away, a lost connection does not", () => {
    expect(hasLostAccess("revoked")).toBe(true);
    expect(hasLostAccess("offline")).toBe(false);
  });
});
