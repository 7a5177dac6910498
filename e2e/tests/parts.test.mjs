// What the page fetches only when it is asked for: a language, and the annex that reads files.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openPage } from "../lib/browser.mjs";
import { ready } from "../lib/lab.mjs";
import { serveFolder } from "../lib/static.mjs";

let browser;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
});

async function hosted(t, options) {
  const host = await serveFolder(undefined, options);
  t.after(host.close);
  return host;
}

const fetched = (host) => [...host.gzipped.keys()].map((path) => path.slice(1));

test("nothing of the parts is fetched before it is asked for", async (t) => {
  const host = await hosted(t);
  const { page, assertQuiet, close } = await openPage(browser, host.url);
  t.after(close);
  await ready(page);
  await page.keyboard.press("ArrowRight");
  assert.deepEqual(fetched(host).filter((path) => /annex|russian/.test(path)), []);
  await page.getByRole("button", { name: "RU" }).click();
  await page.locator("html[lang=ru]").waitFor();
  assert.deepEqual(fetched(host).filter((path) => /annex|russian/.test(path)), ["russian.js", "russian_bg.wasm"]);
  await page.getByRole("button", { name: "EN" }).click();
  await page.locator("html[lang=en]").waitFor();
  assertQuiet();
});

test("a page that opens in another language speaks it from its first word", async (t) => {
  const host = await hosted(t);
  const { page, assertQuiet, close } = await openPage(browser, "about:blank");
  t.after(close);
  await page.addInitScript(() => {
    window.positions = [];
    new MutationObserver(() => {
      const text = document.querySelector('[data-testid="position"]')?.textContent;
      if (text) window.positions.push(text);
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
  await page.goto(`${host.url}?lang=ru`);
  await ready(page);
  await page.locator("html[lang=ru]").waitFor();
  const positions = await page.evaluate(() => window.positions);
  assert.ok(positions.length > 0);
  assert.deepEqual(positions.filter((text) => text.startsWith("event")), []);
  assertQuiet();
});

test("where a language cannot be fetched the page says so in the one that it has", async (t) => {
  const host = await hosted(t);
  const { page, close } = await openPage(browser, "about:blank");
  t.after(close);
  await page.route("**/russian*", (route) => route.abort());
  await page.goto(`${host.url}?lang=ru`);
  await page.getByRole("alert").filter({ hasText: "could not be fetched" }).waitFor();
  await page.locator("html[lang=en]").waitFor();
  await page.unroute("**/russian*");
  await page.getByRole("button", { name: "Close" }).first().click();
  await page.getByRole("button", { name: "RU" }).click();
  await page.locator("html[lang=ru]").waitFor();
});

test("a part of another build is not asked", async (t) => {
  const host = await hosted(t);
  const { page, close } = await openPage(browser, "about:blank");
  t.after(close);
  const other = "export default async () => {}; export const ask = () => new TextEncoder().encode('another');";
  await page.route("**/russian.js*", (route) => route.fulfill({ contentType: "text/javascript", body: other }));
  await page.goto(host.url);
  await page.getByRole("button", { name: "RU" }).click();
  await page.getByRole("alert").filter({ hasText: "load it anew" }).waitFor();
  await page.locator("html[lang=en]").waitFor();
});
