// The page that a running server gives out, and the server that it follows.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { assertAccessible } from "../lib/axe.mjs";
import { launch, openPage } from "../lib/browser.mjs";
import { at, position, ready } from "../lib/lab.mjs";
import { startServer } from "../lib/server.mjs";
import { serveFolder } from "../lib/static.mjs";

const MODELS = ["single", "spawn", "pool", "fork-join", "async", "sharded"];

let browser;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
});

/** A server of this model, and its page. */
async function followed(t, model, query = "") {
  const server = await startServer(["--model", model, "--workers", "2"]);
  t.after(server.stop);
  const opened = await openPage(browser, `${server.inspectUrl}${query}`);
  t.after(opened.close);
  await ready(opened.page);
  return { server, ...opened };
}

const ask = async (server, path = "/") => (await fetch(`${server.url}${path.slice(1)}`)).text();

/** Asks the server until the page shows so many events, the last of them too. */
async function untilSeen(server, page, least) {
  for (;;) {
    await ask(server);
    const { done, all } = await position(page);
    if (done === all && all >= least) return;
  }
}

for (const model of MODELS) {
  test(`a reader follows a server under ${model}, looks back, and goes on`, async (t) => {
    const { server, page, assertQuiet } = await followed(t, model);
    const live = page.getByRole("button", { name: "Live", exact: true });
    await live.click();
    await page.getByText("Following the server.").waitFor();
    await untilSeen(server, page, 10);
    await page.getByRole("button", { name: "Step back" }).click();
    await page.getByText("Paused:").waitFor();
    const { done, all } = await position(page);
    assert.equal(done, all - 1);
    assert.equal(await live.getAttribute("aria-pressed"), "false");
    await ask(server); // which a page that stands still does not show
    await page.keyboard.press("Home");
    await at(page, 0);
    assert.equal((await position(page)).all, all);
    await page.keyboard.press("l");
    await page.getByText("Following the server.").waitFor();
    await untilSeen(server, page, 1);
    assertQuiet();
  });
}

test("a server that stops says so, and what was seen stays", async (t) => {
  const { server, page } = await followed(t, "pool", "?lang=ru");
  await page.keyboard.press("l");
  await page.getByText("Показывается работающий сервер.").waitFor();
  await untilSeen(server, page, 3);
  await assertAccessible(page);
  assert.equal(await server.stop(), 0);
  await page.getByText("Сервер остановился.").waitFor();
  assert.ok((await position(page)).all >= 3);
  await page.keyboard.press("ArrowLeft");
  await page.getByText("Сервер остановился.").waitFor();
});

test("many requests are followed in bounded room", async (t) => {
  const { server, page, assertQuiet } = await followed(t, "pool");
  await page.keyboard.press("l");
  await page.getByText("Following the server.").waitFor();
  for (let n = 0; n < 12; n += 1) {
    await Promise.all(Array.from({ length: 100 }, () => ask(server)));
    assert.ok((await position(page)).all <= 4096);
  }
  await untilSeen(server, page, 1);
  assertQuiet();
});

test("a page from elsewhere has no server to follow", async (t) => {
  const host = await serveFolder();
  t.after(host.close);
  const { page, close } = await openPage(browser, host.url);
  t.after(close);
  await ready(page);
  assert.equal(await page.getByRole("button", { name: "Live", exact: true }).count(), 0);
});
