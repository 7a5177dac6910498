// What the page fetches only when it is asked for: a language, and the annex that reads files.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { assertAccessible } from "../lib/axe.mjs";
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

test("theory stands beside the figures of a run, or says why not, in both languages", async (t) => {
  const host = await hosted(t);
  const { page, assertQuiet, close } = await openPage(browser, `${host.url}?scenario=mm4&model=pool`);
  t.after(close);
  await ready(page);
  const summary = page.getByText("What theory says of the whole run");
  await summary.focus();
  await page.keyboard.press("Enter");
  const row = page.getByRole("row").filter({ hasText: "mean wait" });
  await row.filter({ hasText: "±" }).waitFor();
  await page.locator(".theory__text").filter({ hasText: "M/M/4" }).waitFor();
  await assertAccessible(page);
  await page.getByRole("button", { name: "RU" }).click();
  await page.getByRole("row").filter({ hasText: "среднее ожидание" }).waitFor();
  await page.getByRole("group", { name: "Модели" }).getByRole("button", { name: "fork-join" }).click();
  await page.getByTestId("digest-fork-join").waitFor({ state: "attached" });
  await page.goto(`${host.url}?scenario=drain&model=pool&lang=ru`);
  await ready(page);
  await page.getByText("Что об этом прогоне говорит теория").click();
  await page.getByText("Точных значений теория здесь не даёт").waitFor();
  await assertAccessible(page);
  assertQuiet();
});

test("the checker finds a lost wake-up, and its run plays", async (t) => {
  const host = await hosted(t);
  const { page, assertQuiet, close } = await openPage(browser, `${host.url}?scenario=book&model=pool&workers=2`);
  t.after(close);
  await ready(page);
  await page.getByText("Check every order of events").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.getByRole("status").filter({ hasText: "Broken: 0 properties" }).waitFor();
  await assertAccessible(page);
  await page.getByLabel("With this flaw").selectOption({ label: "a worker called before it sleeps sleeps all the same" });
  await page.getByRole("button", { name: "Check", exact: true }).click();
  const shown = page.getByRole("button", { name: /^Show how, in/ }).first();
  await shown.waitFor();
  await page.getByRole("row").filter({ hasText: "no wake-up is lost" }).filter({ hasText: "is broken" }).waitFor();
  await assertAccessible(page);
  await shown.click();
  await page.getByRole("button", { name: /^Send/ }).first().waitFor({ state: "detached" });
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => /\b1\b/.test(document.querySelector('[data-testid="position"]').textContent));
  assertQuiet();
});
