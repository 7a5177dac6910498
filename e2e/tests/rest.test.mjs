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

for (const query of [
  "?theme=dark",
  "?lang=en&theme=projector",
  ...["single", "spawn", "pool", "fork-join", "single,spawn,pool,fork-join"].map((model) => `?embed=1&model=${model}`),
  "?embed=1&resize=lti&scenario=book&model=pool&lang=en&theme=light",
]) {
  test(`the first step of ${query} needs no rest either`, async (t) => {
    const { page, assertQuiet, asked } = await watched(t);
    await page.goto(`${shared.host.url}${query}`);
    await ready(page);
    assert.deepEqual(asked, []);
    await STEPS["by key"](page);
    await at(page, 1);
    assert.ok(!asked.includes("xhr"), "nobody had to wait");
    assertQuiet();
  });
}

const RUSSIAN = { locale: "ru" };
for (const [query, options] of [
  ["?scenario=fork&model=fork-join,sharded&step=9", {}],
  ["?embed=1&lang=ru&theme=dark&model=pool&step=9", {}],
  ["?step=9", RUSSIAN],
  ["?embed=1&model=async&step=9", {}],
]) {
  test(`${query}${options.locale ? " in Russian" : ""} needs the rest, which comes beside the first load`, async (t) => {
    const { page, assertQuiet, asked } = await watched(t, options);
    await page.goto(`${shared.host.url}${query}`);
    await ready(page);
    await at(page, 9);
    await STEPS["by key"](page);
    await at(page, 10);
    assert.deepEqual(asked, ["fetch"]);
    assertQuiet();
  });
}

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
