// What a reader does with the page: steps, compares, sends, saves a run, opens the server's own.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { assertAccessible } from "../lib/axe.mjs";
import { launch, openPage } from "../lib/browser.mjs";
import { at, frameAt, position, ready } from "../lib/lab.mjs";
import { nativeServer, root } from "../lib/paths.mjs";
import { startServer } from "../lib/server.mjs";
import { serveFolder, serveOuterPage } from "../lib/static.mjs";

const run = promisify(execFile);

let browser;
let host;
let folder;

before(async () => {
  host = await serveFolder();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "scheduler-lab-"));
});

after(async () => {
  await browser?.close();
  await host?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The page at this address, ready to be used. */
async function lab(t, query, options) {
  const opened = await openPage(browser, `${host.url}${query}`, options);
  t.after(opened.close);
  await ready(opened.page);
  return opened;
}

test("a reader steps to the end and back to the start, with keys and with buttons", async (t) => {
  const { page, assertQuiet } = await lab(t, "?scenario=book&model=spawn,pool");
  await at(page, 0);
  const { all } = await position(page);
  assert.ok(all > 20, `${all} events`);
  for (let done = 1; done <= 5; done += 1) {
    await page.getByRole("button", { name: "Step", exact: true }).click();
    await at(page, done);
  }
  await page.getByRole("button", { name: "Step back" }).click();
  await at(page, 4);
  await page.keyboard.press("ArrowRight");
  await at(page, 5);
  for (let done = 6; done <= all; done += 1) await page.keyboard.press("ArrowRight");
  await at(page, "end");
  await page.getByRole("table").first().filter({ hasText: "3" }).waitFor();
  for (let done = all; done > 0; done -= 1) await page.keyboard.press("ArrowLeft");
  await at(page, 0);
  await page.keyboard.press("End");
  await at(page, "end");
  await page.keyboard.press("Home");
  await at(page, 0);
  await assertAccessible(page);
  assertQuiet();
});

test("two models run side by side on the same arrivals", async (t) => {
  const { page, assertQuiet } = await lab(t, "?scenario=book&model=spawn");
  const alone = await position(page);
  const models = page.getByRole("group", { name: "Models" });
  await models.getByRole("button", { name: "pool" }).click();
  await page.waitForFunction((alone) => {
    const text = document.querySelector('[data-testid="position"]').textContent;
    return Number(text.match(/\d+/g)[1]) > alone;
  }, alone.all);
  for (const model of ["spawn", "pool"]) {
    await models.getByRole("button", { name: model, pressed: true }).waitFor();
    await page.getByTestId(`digest-${model}`).waitFor({ state: "attached" });
  }
  await page.keyboard.press("End");
  await at(page, "end");
  await assertAccessible(page);
  assertQuiet();
});

test("a request that a reader sends opens another future", async (t) => {
  const { page, assertQuiet } = await lab(t, "?scenario=book&model=pool");
  const before = await position(page);
  await page.keyboard.press("ArrowRight");
  await page.getByRole("button", { name: "Send /sleep" }).click();
  await page.waitForFunction((all) => {
    const text = document.querySelector('[data-testid="position"]').textContent;
    return Number(text.match(/\d+/g)[1]) > all;
  }, before.all);
  await page.keyboard.press("End");
  await at(page, "end");
  await page.getByText("Requests as a table").click();
  const rows = page.getByRole("region", { name: "Requests as a table" }).locator("tbody tr");
  await rows.nth(3).waitFor(); // the table is made when it is opened, whole
  assert.equal(await rows.count(), 4);
  assertQuiet();
});

test("the saved run is the one that the command line simulates", async (t) => {
  const { page, assertQuiet } = await lab(t, "?scenario=book&model=spawn");
  const scenario = join(root, "scenarios", "book.toml");
  const trace = join(folder, "simulated.jsonl");
  const { stdout } = await run(nativeServer, ["simulate", scenario, "--model", "spawn", "--json", "--trace", trace]);
  const { digest } = JSON.parse(stdout).runs[0];
  await page.keyboard.press("End");
  await at(page, "end");
  await page.getByTestId("digest-spawn").filter({ hasText: digest }).waitFor({ state: "attached" });
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const saved = await readFile(await (await downloading).path(), "utf8");
  assert.equal(saved, await readFile(trace, "utf8"), "byte for byte");
  assertQuiet();
});

test("a recording of the real server plays in its order, and conforms", async (t) => {
  const record = join(folder, "recorded.jsonl");
  const server = await startServer(["--model", "pool", "--workers", "2", "--record", record]);
  const [slow, ...fast] = await Promise.all([
    fetch(`${server.url}sleep?ms=100`),
    fetch(server.url),
    fetch(`${server.url}nowhere`),
  ]);
  assert.deepEqual([slow, ...fast].map((answer) => answer.status), [200, 200, 404]);
  assert.equal(await server.stop(), 0);
  const { stdout } = await run(nativeServer, ["conform", record, "--json"]);
  assert.equal(JSON.parse(stdout).conforms, true);

  const { page, assertQuiet } = await lab(t, "");
  await page.getByTestId("trace-file").setInputFiles(record);
  await page.getByRole("status").filter({ hasText: "recorded.jsonl" }).filter({ hasText: "conforms" }).waitFor();
  const lines = (await readFile(record, "utf8")).trimEnd().split("\n").slice(1).map((line) => JSON.parse(line));
  assert.equal((await position(page)).all, lines.length);
  await page.getByText("Events as a table").click();
  const table = page.getByRole("region", { name: "Events as a table" });
  await page.keyboard.press("End");
  await at(page, "end");
  // Opening tells the page of it in an event of its own, and the rows are made after that.
  await table.locator(`tbody tr[data-seq="${lines.at(-1).seq}"]`).waitFor();
  const seqs = await table.locator("tbody tr").evaluateAll((rows) => rows.map((row) => Number(row.dataset.seq)));
  assert.ok(seqs.length > 3);
  assert.deepEqual(seqs, seqs.map((_, index) => seqs[0] + index), "in the file's order, without a gap");
  assert.equal(seqs.at(-1), lines.at(-1).seq);
  assert.equal(await page.getByRole("button", { name: /^Send/ }).count(), 0, "nothing is sent into what happened");
  await assertAccessible(page);
  assertQuiet();
});

test("a bad file gets the command line's own words, and what was there stays", async (t) => {
  const { page, assertQuiet } = await lab(t, "?scenario=book&model=spawn");
  const before = await position(page);
  const bad = join(folder, "bad.jsonl");
  await writeFile(bad, '{"format":"scheduler-lab-trace","version":7}\n');
  const { stderr } = await run(nativeServer, ["conform", bad], {}).catch((error) => error);
  const said = stderr.trim().replace("native-server: ", "").replace(bad, "bad.jsonl");
  await page.getByTestId("trace-file").setInputFiles(bad);
  await page.getByRole("alert").filter({ hasText: said }).waitFor();
  assert.deepEqual(await position(page), before);
  await page.getByRole("button", { name: "Close" }).first().click();
  assertQuiet();
});

test("the real server's inspect listener serves the page", async (t) => {
  const server = await startServer([]);
  t.after(server.stop);
  const { page, assertQuiet, close } = await openPage(browser, server.inspectUrl);
  t.after(close);
  await page.getByTestId("position").waitFor();
  assertQuiet();
});

test("in a sandboxed iframe the page steps, speaks Russian, and tells its height", async (t) => {
  const outer = await serveOuterPage(`${host.url}?embed=1&scenario=book&model=pool&lang=ru&theme=dark&step=3`);
  t.after(outer.close);
  const { page, assertQuiet, close } = await openPage(browser, outer.url);
  t.after(close);
  const frame = await frameAt(page, host.url);
  await frame.getByTestId("position").waitFor();
  assert.equal((await position(frame)).done, 3);
  await frame.locator("html[lang=ru]").waitFor(); // set after the first frame is drawn
  await frame.getByTestId("position").click();
  await frame.locator("body").press("ArrowRight");
  await at(frame, 4);
  await page.waitForFunction(() => window.messages.some((message) => message?.type === "scheduler-lab:height"));
  await assertAccessible(frame);
  assertQuiet();
});

for (const width of [320, 1920]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`nothing runs out of a window ${width} px wide, ${colorScheme}`, async (t) => {
      const { page, assertQuiet } = await lab(t, "?scenario=book&model=spawn,pool", {
        viewport: { width, height: 800 },
        colorScheme,
      });
      for (let step = 0; step < 12; step += 1) await page.keyboard.press("ArrowRight");
      await at(page, 12);
      const widest = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(widest <= width, `${widest} px`);
      await assertAccessible(page);
      assertQuiet();
    });
  }
}
