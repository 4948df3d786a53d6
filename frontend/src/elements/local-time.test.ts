import { expect, test } from "vitest";
import { place } from "../testing/place";
import { format } from "./local-time";

const shown = (html: string) => {
  place(html);
  return document.querySelector("time") as HTMLTimeElement;
};

test("the instant is shown in the reader's time zone", () => {
  const time = shown(
    `<local-time><time datetime="2026-10-02T14:03:00+00:00">2026-10-02 14:03 UTC</time></local-time>`,
  );
  expect(time.textContent).toBe(format(new Date("2026-10-02T14:03:00Z")));
  expect(time.title).toBe("2026-10-02 14:03 UTC");
});

test("it is written as all dates are, so that no month is taken for a day", () => {
  expect(format(new Date(2026, 9, 2, 14, 3))).toBe("2026-10-02 14:03");
});

test("staff see the time of their centre, wherever they sit", () => {
  document.documentElement.dataset.timeZone = "Asia/Tokyo";
  const time = shown(
    `<local-time><time datetime="2026-10-02T14:03:00+00:00">2026-10-02 23:03 JST</time></local-time>`,
  );
  delete document.documentElement.dataset.timeZone;
  expect(time.textContent).toBe("2026-10-02 23:03");
});

test("what is not an instant is left as the server wrote it", () => {
  expect(shown(`<local-time><time datetime="soon">soon</time></local-time>`).textContent).toBe("soon");
});
