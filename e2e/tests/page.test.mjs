// The built page opens: plain, and in the iframe of another page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertAccessible } from "../lib/axe.mjs";
import { hosted } from "../lib/hosted.mjs";
import { frameAt } from "../lib/lab.mjs";
import { serveOuterPage } from "../lib/static.mjs";

// All that is fetched before the first step, over the network. The goal is 200 kB. The bound is just above
// what it is, so that it tells of code that the first step came to need, and of a web-sim/first-step.txt that
// is of other code: `cargo xtask first-step` writes it anew.
const FIRST_LOAD_MAX_BYTES = 198_000;

const shared = hosted();

test("the page opens with a title and without an error", async (t) => {
  const { page, assertQuiet } = await shared.open(t);
  await page.waitForFunction(() => document.body.querySelector(":scope > :not(noscript, script)"));
  assert.notEqual((await page.title()).trim(), "");
  await assertAccessible(page);
  assertQuiet();
});

test("the first load weighs no more than it may", () => {
  const { gzipped } = shared.host;
  const total = [...gzipped.values()].reduce((sum, n_bytes) => sum + n_bytes, 0);
  assert.ok(gzipped.size >= 3, `fetched: ${[...gzipped.keys()]}`);
  const advice = "is web-sim/first-step.txt of this code? `cargo xtask first-step` writes it";
  assert.ok(total <= FIRST_LOAD_MAX_BYTES, `${total} bytes: ${JSON.stringify([...gzipped])}; ${advice}`);
});

test("the page opens in a sandboxed iframe of another page", async (t) => {
  const outer = await serveOuterPage(`${shared.host.url}?embed=1`);
  t.after(outer.close);
  const { page, assertQuiet } = await shared.open(t, outer.url);
  const frame = await frameAt(page, shared.host.url);
  await frame.waitForFunction(() => document.body.querySelector(":scope > :not(noscript, script)"));
  await assertAccessible(frame);
  assertQuiet();
});
