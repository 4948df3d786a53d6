import { expect, test } from "vitest";
import { readMessages } from "./messages";

const root = () => {
  document.body.innerHTML = `<template data-messages><p data-key="retrying">Again in {seconds} s.</p></template>`;
  return document.body;
};

test("a text of the server is filled with values", () => {
  expect(readMessages(root())("retrying", { seconds: 8 })).toBe("Again in 8 s.");
});

test("a value that is missing stays visible as its name", () => {
  expect(readMessages(root())("retrying")).toBe("Again in {seconds} s.");
});

test("a text that is missing shows its key", () => {
  expect(readMessages(root())("unknown")).toBe("unknown");
});
