// What if: the requests of a recorded run, on other servers, asked in the page.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { assertAccessible } from "../lib/axe.mjs";
import { hosted } from "../lib/hosted.mjs";
import { startServer } from "../lib/server.mjs";

let record;

const shared = hosted(async ({ folder }) => {
  record = join(folder, "recorded.jsonl");
  // Four sleepers at once on a pool of one: three wait.
  const server = await startServer(["--model", "pool", "--workers", "1", "--queue", "8", "--record", record]);
  const answers = await Promise.all(Array.from({ length: 4 }, () => fetch(`${server.url}sleep?ms=300`)));
  assert.deepEqual(answers.map((answer) => answer.status), [200, 200, 200, 200]);
  assert.equal(await server.stop(), 0);
});

/** The panel of a page in which this file is open. */
async function opened(t, file, query = "", name = "What if?") {
  const { page, assertQuiet } = await shared.lab(t, query);
  assert.equal(await page.getByRole("region", { name }).count(), 0, "nothing to ask about");
  await page.getByTestId("trace-file").setInputFiles(file);
  const panel = page.getByRole("region", { name });
  await panel.waitFor();
  return { page, panel, assertQuiet };
}

/** The names in the table's first column, each with its p99. */
const rows = (panel) =>
  panel.locator("tbody tr").evaluateAll((all) =>
    all.map((row) => [row.querySelector("th").firstChild.textContent, row.cells[2].textContent]));

/** `604 ms` and `1.20 s` in milliseconds. */
const ms = (text) => Number.parseFloat(text) * (text.endsWith("ms") ? 1 : 1000);

test("a reader asks about more workers by keyboard and reads the sentence", async (t) => {
  const { page, panel, assertQuiet } = await opened(t, record);
  const workers = panel.getByRole("slider", { name: "Workers" });
  await workers.focus();
  for (let stop = 1; stop < 4; stop += 1) await page.keyboard.press("ArrowRight");
  assert.equal(await workers.getAttribute("aria-valuetext"), "4");
  await panel.getByRole("button", { name: "Try this server" }).focus();
  await page.keyboard.press("Enter");
  const said = panel.getByRole("status").filter({ hasText: "4 workers and a queue of 8 would have had p99" });
  await said.waitFor();
  assert.match(await said.textContent(), /^4 workers and a queue of 8 would have had p99 [\d.]+\sm?s and 0\s% of 503\.$/);
  const [was, again, would] = await rows(panel);
  assert.deepEqual([was[0], again[0], would[0]], ["1 worker and a queue of 8", "1 worker and a queue of 8", "4 workers and a queue of 8"]);
  // Sleeps one after the other, and all at once: the demands are the recorded ones.
  assert.ok(ms(was[1]) > ms(would[1]) && ms(again[1]) > ms(would[1]), `${was}; ${again}; ${would}`);
  assert.ok(ms(would[1]) >= 300, `${would}`);
  await assertAccessible(page);
  assertQuiet();
});

test("a row goes on the stage beside the recording, in the same stepper, and away again", async (t) => {
  const { page, panel, assertQuiet } = await opened(t, record);
  await panel.getByRole("button", { name: "Try all six models" }).click();
  const stage = panel.getByRole("row", { name: "A thread for each connection" }).getByRole("button", { name: "On the stage" });
  await stage.focus();
  await page.keyboard.press("Enter");
  const row = page.getByRole("article", { name: "What if? A thread for each connection" });
  await row.waitFor();
  assert.equal(await page.getByRole("article").count(), 2);
  // Where the two first differ, a request that waited for the only worker has a thread of its own.
  await page.keyboard.press("d");
  await page.locator(".why__text").getByText("What if? With a thread of its own").waitFor();
  await page.keyboard.press("End");
  assert.equal(await row.locator(".lane[data-state=blocked]").count(), 0);
  await assertAccessible(page);
  await stage.click();
  await row.waitFor({ state: "detached" });
  assertQuiet();
});

test("all six models answer on a phone, in Russian, in the dark", async (t) => {
  const { page, panel, assertQuiet } = await opened(t, record, "?lang=ru&theme=dark", "А если бы?");
  await page.setViewportSize({ width: 320, height: 640 });
  await panel.getByRole("button", { name: "Испытать все шесть моделей" }).click();
  await panel.getByRole("status").filter({ hasText: "было бы p99" }).waitFor();
  assert.equal((await rows(panel)).length, 7, "as it was, and six models");
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(overflow <= 0, `${overflow} px too wide`);
  await assertAccessible(page);
  assertQuiet();
});

test("a recording in which nobody asked says why there is nothing to simulate", async (t) => {
  const none = join(shared.folder, "nobody.jsonl");
  await writeFile(none, `${(await readFile(record, "utf8")).split("\n")[0]}\n`);
  const { panel, assertQuiet } = await opened(t, none);
  await panel.getByRole("button", { name: "Try this server" }).click();
  await panel.getByRole("status").filter({ hasText: "there is no request in it" }).waitFor();
  assert.equal(await panel.getByRole("table").count(), 0);
  assertQuiet();
});
