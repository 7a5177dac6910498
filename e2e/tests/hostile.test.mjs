// Files and addresses from strangers: the page says what is wrong with them, goes on, and runs nothing.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { hosted } from "../lib/hosted.mjs";
import { at, position } from "../lib/lab.mjs";
import { nativeServer, root } from "../lib/paths.mjs";

const run = promisify(execFile);
const SCRIPT = `<img src=x onerror="window.executed=1"><script>window.executed=1</script>`;

/** A good trace, as lines. */
let lines;

const shared = hosted(async ({ folder }) => {
  const trace = join(folder, "good.jsonl");
  const scenario = join(root, "scenarios", "book.toml");
  await run(nativeServer, ["simulate", scenario, "--model", "pool", "--trace", trace]);
  lines = (await readFile(trace, "utf8")).trimEnd().split("\n");
});

/** Steps, asks, and finds that nothing foreign has run. */
async function isUsable(page) {
  await page.getByRole("button", { name: "To the start" }).or(page.getByTestId("position")).first().waitFor();
  const { done } = await position(page);
  const [name, expected] = done === 0 ? ["ArrowRight", 1] : ["ArrowLeft", done - 1];
  await page.keyboard.press(name);
  await at(page, expected);
  assert.equal(await page.evaluate(() => window.executed), undefined, "a script has run");
}

/** Opens a file of these bytes in a fresh page. */
async function opening(t, name, text) {
  const opened = await shared.lab(t, "?scenario=book&model=spawn&step=4");
  const file = join(shared.folder, name);
  await writeFile(file, text);
  await opened.page.getByTestId("trace-file").setInputFiles(file);
  return opened;
}

const event = () => lines.slice(1);
const BAD = {
  "empty.jsonl": () => "",
  "no-text.jsonl": () => Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a]),
  "another-version.jsonl": () => [lines[0].replace('"version":1', '"version":99'), ...event()].join("\n"),
  "another-model-version.jsonl": () => lines.join("\n").replace(/"model_version":\d+/, '"model_version":99'),
  "deep.jsonl": () => "[".repeat(200_000),
  "one-long-line.jsonl": () => `{"format":"${"x".repeat(30_000_000)}`,
  "time-goes-back.jsonl": () => [...lines.slice(0, 8), lines[8].replace(/"at_ns":\d+/, '"at_ns":0'), ...lines.slice(9)].join("\n"),
  "a-gap.jsonl": () => [...lines.slice(0, 5), ...lines.slice(6)].join("\n"),
  "huge-numbers.jsonl": () => [lines[0].replace(/"workers":\d+/, '"workers":1e309'), ...event()].join("\n"),
};

for (const [name, text] of Object.entries(BAD)) {
  test(`${name} is refused with words, and what was there stays`, async (t) => {
    const { page, assertQuiet } = await opening(t, name, text());
    await page.getByRole("alert").filter({ hasText: name.slice(0, 5) }).waitFor();
    await at(page, 4);
    await isUsable(page);
    assertQuiet();
  });
}

test("a trace that was cut shows what is whole", async (t) => {
  const text = lines.join("\n");
  const { page, assertQuiet } = await opening(t, "cut.jsonl", text.slice(0, text.length - 20));
  await page.getByRole("status").filter({ hasText: "cut short" }).waitFor();
  await isUsable(page);
  assertQuiet();
});

test("a trace that breaks a law of the model ends before it does", async (t) => {
  const broken = lines.map((line) => line.replace(/"worker":\d+/, '"worker":7'));
  const { page, assertQuiet } = await opening(t, "broken.jsonl", broken.join("\n"));
  await page.getByRole("status").filter({ hasText: "broken.jsonl" }).waitFor();
  await isUsable(page);
  assertQuiet();
});

test("scripts in a file's name, in a scenario and in its paths are text", async (t) => {
  const inJson = JSON.stringify(SCRIPT).slice(1, -1);
  const header = lines[0]
    .replace('"name":"book"', `"name":"${inJson}"`)
    .replaceAll('"path":"/sleep"', '"path":"/<img/src=x/onerror=window.executed=1>"');
  assert.notEqual(header, lines[0]);
  const { page, assertQuiet } = await opening(t, "<img src=x onerror=executed=1>.jsonl", [header, ...event()].join("\n"));
  await page.getByRole("status").filter({ hasText: "onerror" }).waitFor();
  await page.getByText("<img/src").first().waitFor();
  await page.getByText("Requests as a table").click();
  await page.getByRole("region", { name: "Requests as a table" }).waitFor();
  await isUsable(page);
  assertQuiet();
});

for (const [name, query] of [
  ["a script", `?scenario=${encodeURIComponent(SCRIPT)}&lang=${encodeURIComponent(SCRIPT)}`],
  ["broken percent signs", "?scenario=%zz%&model=%ff%fe&%=%&==&&&"],
  ["huge numbers", `?step=${"9".repeat(4000)}&seed=1e309&workers=-1&sent=1@${"9".repeat(30)}`],
  ["a hundred thousand more requests than may be", "?scenario=book&sent=0@5x100000"],
  ["a thousand parameters", `?${"model=pool&".repeat(1000)}`],
]) {
  test(`an address with ${name} opens the page all the same`, async (t) => {
    const { page, assertQuiet } = await shared.lab(t, query);
    if (name !== "a thousand parameters") await page.getByRole("alert").filter({ hasText: "allowed is" }).waitFor();
    await isUsable(page);
    assertQuiet();
  });
}
