import { afterAll, expect, test } from "vitest";
import { launchTabs } from "../src/tabs.ts";

const tabs = await launchTabs();
afterAll(() => tabs[Symbol.asyncDispose]());

test("a tab answers with what a page has, and with what it has thrown", async () => {
  const tab = await tabs.open("data:text/html,<title>one</title>");
  expect(await tab.evaluate("document.title")).toBe("one");
  await expect(tab.evaluate("Promise.reject(new RangeError('too far'))")).rejects.toThrow("too far");
  await tab.load("data:text/html,<title>two</title>");
  expect(await tab.evaluate("document.title")).toBe("two");
});

test("a tab whose page crashes says so, to those who wait and to those who ask later", async () => {
  const tab = await tabs.open("data:text/html,crash");
  const waiting = expect(tab.evaluate("new Promise(() => {})")).rejects.toThrow("the page has crashed");
  // Whether this says so, too, or that it was aborted, is a matter of which comes first.
  await expect(tab.load("chrome://crash")).rejects.toThrow();
  await waiting;
  await expect(tab.evaluate("1")).rejects.toThrow("the page has crashed");
});
