// What a reader does with the page: steps, compares, sends, saves a run, opens the server's own.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { assertAccessible } from "../lib/axe.mjs";
import { hosted } from "../lib/hosted.mjs";
import { at, frameAt, position } from "../lib/lab.mjs";
import { nativeServer, root } from "../lib/paths.mjs";
import { startServer } from "../lib/server.mjs";
import { serveOuterPage } from "../lib/static.mjs";

const run = promisify(execFile);

const shared = hosted();
const { lab } = shared;

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

test("a key goes from moment to moment of the request that waits, until it has left", async (t) => {
  const { page, assertQuiet } = await lab(t, "?scenario=book&model=single&step=12");
  let { done } = await position(page);
  const title = page.locator(".why__title");
  await title.filter({ hasText: "Why does request 2 wait?" }).waitFor();
  while ((await title.textContent()) !== "What became of request 2?") {
    await page.keyboard.press("n");
    await page.waitForFunction((done) => {
      const text = document.querySelector('[data-testid="position"]').textContent;
      return Number(text.match(/\d+/)[0]) > done;
    }, done);
    done = (await position(page)).done;
  }
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
  const trace = join(shared.folder, "simulated.jsonl");
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
  const record = join(shared.folder, "recorded.jsonl");
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
  const bad = join(shared.folder, "bad.jsonl");
  await writeFile(bad, '{"format":"scheduler-lab-trace","version":7}\n');
  const { stderr } = await run(nativeServer, ["conform", bad], {}).catch((error) => error);
  const said = stderr.trim().replace("native-server: ", "").replace(bad, "bad.jsonl");
  await page.getByTestId("trace-file").setInputFiles(bad);
  await page.getByRole("alert").filter({ hasText: said }).waitFor();
  assert.deepEqual(await position(page), before);
  await page.getByRole("button", { name: "Close" }).first().click();
  assertQuiet();
});

test("a link of calibrate sets the sliders of what the computer costs, and the way back is a button", async (t) => {
  const { page, assertQuiet } = await lab(t, "?scenario=book&model=spawn&lang=en&spawn-us=40&accept-us=66.825");
  const slider = (name) => page.getByRole("slider", { name });
  assert.equal(await slider("Starting a thread").getAttribute("aria-valuetext"), "40\u00a0µs");
  assert.equal(await slider("The server’s own work").getAttribute("aria-valuetext"), "66.8\u00a0µs");
  await slider("Changing threads").focus();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("group", { name: "Futures" }).waitFor();
  await page.getByRole("button", { name: "As in the scenario" }).click();
  await page.getByRole("button", { name: "As in the scenario", disabled: true }).waitFor();
  assert.equal(await slider("The server’s own work").getAttribute("aria-valuetext"), "0\u00a0ms");
  await assertAccessible(page);
  assertQuiet();
});

test("the real server's inspect listener serves the page", async (t) => {
  const server = await startServer([]);
  t.after(server.stop);
  const { page, assertQuiet } = await shared.open(t, server.inspectUrl);
  await page.getByTestId("position").waitFor();
  assertQuiet();
});

test("in a sandboxed iframe the page steps, speaks Russian, and tells its height", async (t) => {
  const outer = await serveOuterPage(`${shared.host.url}?embed=1&scenario=book&model=pool&lang=ru&theme=dark&step=3`);
  t.after(outer.close);
  const { page, assertQuiet } = await shared.open(t, outer.url);
  const frame = await frameAt(page, shared.host.url);
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
