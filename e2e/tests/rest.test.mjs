// The functions that the first step does not run: when they are fetched, and what if they cannot be.

import assert from "node:assert/strict";
import { test } from "node:test";

import { hosted } from "../lib/hosted.mjs";
import { at, ready } from "../lib/lab.mjs";

const shared = hosted();

/** Opens the page with a list of how the rest was asked for: "fetch" ahead, "xhr" when it was needed at once. */
async function watched(t, options) {
  const { page, assertQuiet } = await shared.open(t, "about:blank", options);
  const asked = [];
  page.on("request", (request) => {
    if (request.url().endsWith("_rest.wasm")) asked.push(request.resourceType());
  });
  return { page, assertQuiet, asked };
}

const lessons = (page) => page.getByRole("button", { name: "Lessons", exact: true });

const STEPS = {
  "by key": (page) => page.keyboard.press("ArrowRight"),
  "by button": (page) => page.getByRole("button", { name: "Step", exact: true }).click(),
};
for (const [how, step] of Object.entries(STEPS)) {
  test(`the first step ${how} needs no rest, which is fetched afterwards`, async (t) => {
    const { page, assertQuiet, asked } = await watched(t);
    await page.goto(shared.host.url);
    await ready(page);
    assert.deepEqual(asked, []);
    const ahead = page.waitForRequest(/_rest\.wasm$/);
    await step(page);
    await at(page, 1);
    await (await (await ahead).response()).finished();
    assert.deepEqual(asked, ["fetch"]);
    assertQuiet();
  });
}

test("what is opened before the first step is there at once", async (t) => {
  const { page, assertQuiet, asked } = await watched(t);
  await page.goto(shared.host.url);
  await ready(page);
  await lessons(page).click();
  await page.locator(".lesson[data-lesson]").waitFor();
  await STEPS["by key"](page);
  assert.deepEqual(asked, ["xhr"], "what is there is not fetched ahead as well");
  assertQuiet();
});

test("a link with parameters opens, whatever it needs", async (t) => {
  const { page, assertQuiet } = await watched(t);
  await page.goto(`${shared.host.url}?scenario=fork&model=fork-join,sharded&step=9`);
  await ready(page);
  await at(page, 9);
  assertQuiet();
});

test("where the rest cannot be fetched the page says so, and is there again when it can", async (t) => {
  const { page } = await watched(t);
  await page.route("**/*_rest.wasm", (route) => route.abort());
  await page.goto(shared.host.url);
  await ready(page);
  await STEPS["by key"](page);
  await at(page, 1);
  // It could not be fetched ahead, and the page does not mind.
  await page.unroute("**/*_rest.wasm");
  await lessons(page).click();
  await page.locator(".lesson[data-lesson]").waitFor();

  await page.route("**/*_rest.wasm", (route) => route.fulfill({ status: 404, body: "gone" }));
  await page.reload();
  await ready(page);
  await lessons(page).click();
  await page.getByRole("alert").filter({ hasText: "could not be fetched" }).waitFor();
  await page.unroute("**/*_rest.wasm");
  await page.reload();
  await ready(page);
  await lessons(page).click();
  await page.locator(".lesson[data-lesson]").waitFor();
});

test("the rest of another build is not taken for this one's", async (t) => {
  const { page } = await watched(t);
  // A module that wants what no page gives.
  const other = Buffer.from("0061736d01000000010401600000020701017101780000", "hex");
  await page.route("**/*_rest.wasm", (route) => route.fulfill({ body: other }));
  await page.goto(shared.host.url);
  await ready(page);
  await lessons(page).click();
  await page.getByRole("alert").filter({ hasText: "could not be fetched" }).waitFor();
});
