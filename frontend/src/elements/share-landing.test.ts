import { expect, test } from "vitest";
import { place } from "../testing/place";
import { isSecret } from "./share-landing";

const SECRET = "Zk9vYmFyLXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I";
const HTML = `
  <share-landing>
    <form method="post" action="/s/1/open"><input type="hidden" name="secret" value=""><button>Continue</button></form>
    <div data-part="incomplete" hidden>The link is not complete.</div>
  </share-landing>`;

const arrive = (hash: string) => {
  history.replaceState(null, "", `/s/1${hash}`);
  place(HTML);
};
const shown = (selector: string) => !document.querySelector(selector)?.hasAttribute("hidden");

test("the secret moves from the address into the form", () => {
  arrive(`#${SECRET}`);
  expect(document.querySelector<HTMLInputElement>("[name=secret]")?.value).toBe(SECRET);
  expect(location.hash).toBe("");
  expect(shown("form")).toBe(true);
});

test("a link that was cut off is named, and cannot be sent", () => {
  arrive("#Zk9vYmFy");
  expect(shown("[data-part=incomplete]")).toBe(true);
  expect(shown("form")).toBe(false);
});

test("a broken secret leaves the address bar as well", () => {
  arrive("#Zk9vYmFy");
  expect(location.hash).toBe("");
});

test("43 characters of base64url are a secret, anything else is not", () => {
  expect(isSecret(SECRET)).toBe(true);
  expect(isSecret(`${SECRET}=`)).toBe(false);
  expect(isSecret("")).toBe(false);
});

test("an answer that brings the secret with its form keeps it", () => {
  history.replaceState(null, "", "/password/1");
  place(`
    <share-landing>
      <form><input type="hidden" name="secret" value="kept"></form>
      <div data-part="incomplete" hidden></div>
    </share-landing>`);
  expect(document.querySelector("input")?.value).toBe("kept");
  expect(document.querySelector("form")?.hidden).toBe(false);
});
