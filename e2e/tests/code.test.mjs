// The server's code: fetched when it is asked for, read by the keyboard, the lit line told.

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { test } from "node:test";

import { assertAccessible } from "../lib/axe.mjs";
import { hosted } from "../lib/hosted.mjs";
import { at, ready } from "../lib/lab.mjs";
import { single } from "../lib/paths.mjs";

const shared = hosted();

const panel = (page) => page.locator(".code");
const lit = (page, text) => panel(page).locator(".code__line--lit", { hasText: text });

async function open(page) {
  await ready(page);
  await panel(page).getByRole("button", { expanded: false }).focus();
  await page.keyboard.press("Enter");
  await panel(page).locator(".code__line").first().waitFor();
}

test("the code is fetched when it is asked for, and the line of each thread is lit", async (t) => {
  const { page, assertQuiet } = await shared.open(t, "?scenario=book&model=pool&lang=en");
  await ready(page);
  assert.ok(![...shared.host.gzipped.keys()].some((path) => path.endsWith(".rs")), `${[...shared.host.gzipped.keys()]}`);
  await open(page);
  assert.match(await lit(page, "park();").textContent(), /W1 W2 W3 W4/);
  const status = panel(page).getByRole("status");
  // A worker sleeps for /sleep: its line is another one.
  await lit(page, "thread::sleep").waitFor({ state: "detached" });
  while ((await lit(page, "thread::sleep").count()) === 0) await page.keyboard.press("ArrowRight");
  assert.match(await lit(page, "thread::sleep").textContent(), /W1/);
  assert.match(await status.textContent(), /W1: worker\.rs \d+: thread::sleep/);
  assertQuiet();
});

test("a decision lights the line that carries it out", async (t) => {
  const { page, assertQuiet } = await shared.open(t, "?lesson=queue&lang=en");
  await open(page);
  for (const decision of ["Decision::Assign", "Decision::Queue", "Decision::Reject"]) {
    while ((await lit(page, decision).count()) === 0) await page.keyboard.press("ArrowRight");
    assert.match(await lit(page, decision).textContent(), /now/);
  }
  assertQuiet();
});

for (const [lang, theme, width] of [["en", "light", 320], ["ru", "dark", 1440], ["ru", "light", 1920]]) {
  test(`the code of two models, ${lang}, ${theme}, ${width} px: nothing for axe to find`, async (t) => {
    const query = `?scenario=fork&step=60&lang=${lang}&theme=${theme}`;
    const { page, assertQuiet } = await shared.open(t, query, { viewport: { width, height: 900 } });
    await open(page);
    await at(page, 60);
    await panel(page).getByRole("button", { name: "pool" }).click();
    await lit(page, "answering::plan").first().waitFor();
    await panel(page).getByRole("button", { name: "fork-join" }).click();
    await lit(page, "run_leaf").first().waitFor();
    const widest = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(widest <= width, `${widest} px in a window of ${width} px`);
    await assertAccessible(page);
    assertQuiet();
  });
}

test("the page in one file has the code inside", async (t) => {
  const { page, assertQuiet } = await shared.open(t, `${pathToFileURL(single)}?scenario=book&model=async&lang=en`);
  await open(page);
  await lit(page, "self.wait").waitFor();
  assertQuiet();
});
