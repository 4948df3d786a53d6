import { vi } from "vitest";

/** Try a check of a test until it holds; two cores may be at work on something else for seconds. */
export const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 30_000 });
