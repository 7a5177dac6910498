// The built page opens: plain, and in the iframe of another page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { assertAccessible } from "../lib/axe.mjs";
import { launch, openPage } from "../lib/browser.mjs";
import { frameAt } from "../lib/lab.mjs";
import { serveFolder, serveOuterPage } from "../lib/static.mjs";

// All that is fetched before the first step, over the network. The goal is 200 kB; until it is
// met the bound keeps the page from growing unseen.
const FIRST_LOAD_MAX_BYTES = 370_000;

let browser;
let host;

before(async () => {
  host = await serveFolder();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await host?.close();
});

test("the page opens with a title and without an error", async (t) => {
  const { page, assertQuiet, close } = await openPage(browser, host.url);
  t.after(close);
  await page.waitForFunction(() => document.body.querySelector(":scope > :not(noscript, script)"));
  assert.notEqual((await page.title()).trim(), "");
  await assertAccessible(page);
  assertQuiet();
});

test("the first load weighs no more than it may", () => {
  const total = [...host.gzipped.values()].reduce((sum, n_bytes) => sum + n_bytes, 0);
  assert.ok(host.gzipped.size >= 3, `fetched: ${[...host.gzipped.keys()]}`);
  assert.ok(total <= FIRST_LOAD_MAX_BYTES, `${total} bytes: ${JSON.stringify([...host.gzipped])}`);
});

test("the page opens in a sandboxed iframe of another page", async (t) => {
  const outer = await serveOuterPage(`${host.url}?embed=1`);
  t.after(outer.close);
  const { page, assertQuiet, close } = await openPage(browser, outer.url);
  t.after(close);
  const frame = await frameAt(page, host.url);
  await frame.waitForFunction(() => document.body.querySelector(":scope > :not(noscript, script)"));
  await assertAccessible(frame);
  assertQuiet();
});
