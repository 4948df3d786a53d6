import { beforeEach, expect, test } from "vitest";
import { watchRequests } from "./request-failed";

beforeEach(() => {
  document.body.innerHTML = `
    <div id="messages"></div>
    <template id="request-failed"><p role="alert">That did not work.</p></template>`;
  watchRequests(document);
});

test("a failed fragment says so where messages are shown", () => {
  document.dispatchEvent(new Event("htmx:response:error"));
  expect(document.querySelector("#messages")?.textContent).toBe("That did not work.");
});

test("a second failure does not pile up", () => {
  document.dispatchEvent(new Event("htmx:response:error"));
  document.dispatchEvent(new Event("htmx:error"));
  expect(document.querySelectorAll("#messages [role=alert]")).toHaveLength(1);
});
