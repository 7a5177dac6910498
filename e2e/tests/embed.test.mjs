// The page in pages of others: the examples, the element, messages, links, and the single file.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { assertAccessible } from "../lib/axe.mjs";
import { hosted } from "../lib/hosted.mjs";
import { at, frameAt, position, ready } from "../lib/lab.mjs";
import { dist, mdbook, out, packageFolder, root, single } from "../lib/paths.mjs";
import { serveFolder, serveHtml, serveOuterPage } from "../lib/static.mjs";

let examples;

const shared = hosted(async () => {
  examples = await serveFolder(join(root, "examples"), {
    mounts: { "lab/": dist, "reveal.js/": packageFolder("reveal.js") },
  });
});
const { open } = shared;

after(async () => {
  await examples?.close();
});

test("a course's page holds the simulator, which is as high as its content", async (t) => {
  const { page, assertQuiet } = await open(t, `${examples.url}course.html`);
  const frame = await ready(await frameAt(page, `${examples.url}lab/`));
  await at(frame, 6);
  await page.waitForFunction(() => document.querySelector("iframe").style.height !== "720px");
  await page.waitForFunction(() => {
    const { height } = document.querySelector("iframe").getBoundingClientRect();
    return window.lab.getBoundingClientRect().height >= height;
  });
  await page.getByText("event 6 of").waitFor();
  await page.getByRole("button", { name: "From the beginning" }).click();
  await at(frame, 0);
  await page.getByText("event 0 of").waitFor();
  await assertAccessible(page);
  assertQuiet();
});

test("an attribute that changes is passed on, or opens the page anew", async (t) => {
  const { page, assertQuiet } = await open(t, `${examples.url}course.html`);
  const frame = await ready(await frameAt(page, `${examples.url}lab/`));
  const { all } = await position(frame);
  await page.evaluate(() => window.lab.setAttribute("step", "9"));
  await at(frame, 9);
  await page.evaluate(() => {
    window.lab.setAttribute("lang", "ru");
    window.lab.setAttribute("theme", "dark");
  });
  await frame.locator("html[lang=ru][data-theme=dark]").waitFor();
  await at(frame, 9);
  await page.getByRole("button", { name: "Beside a pool" }).click();
  await frame.waitForFunction((alone) => {
    const text = document.querySelector('[data-testid="position"]')?.textContent ?? "0 0";
    return Number(text.match(/\d+/g)[1]) > alone;
  }, all);
  assertQuiet();
});

test("slides with reveal.js hold the simulator", async (t) => {
  const { page, assertQuiet } = await open(t, `${examples.url}slides.html#/1`);
  const frame = await ready(await frameAt(page, `${examples.url}lab/`));
  assert.equal((await position(frame)).done, 0);
  assertQuiet();
});

test("a chapter of a book that mdBook built holds the simulator", async (t) => {
  const book = join(out, "mdbook");
  await promisify(execFile)(mdbook, ["build", join(root, "examples", "mdbook"), "--dest-dir", book]);
  const host = await serveFolder(book, { mounts: { "lab/": dist } });
  t.after(host.close);
  const { page, assertQuiet } = await open(t, `${host.url}flood.html`);
  const frame = await ready(await frameAt(page, `${host.url}lab/`));
  assert.ok((await position(frame)).all > 1000);
  assertQuiet();
});

test("the frame obeys the page that holds it, and no other window", async (t) => {
  const outer = await serveHtml(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>A course</title><link rel="icon" href="data:,">
<iframe id="lab" title="Scheduler Lab" sandbox="allow-scripts" width="900" height="700"
  src="${shared.host.url}?embed=1&scenario=book&model=pool"></iframe>
<iframe id="other" title="Another" srcdoc="<script>
  const go = (step) => parent.frames[0].postMessage({ type: 'scheduler-lab:go', version: 1, step }, '*');
  addEventListener('message', () => { go(9); parent.postMessage('sent', '*'); });
</script>"></iframe>
<script>
  window.steps = [];
  addEventListener("message", ({ source, data }) => {
    if (source === lab.contentWindow && data.type === "scheduler-lab:step") window.steps.push(data.step);
    if (source === lab.contentWindow && data.type === "scheduler-lab:ready") other.contentWindow.postMessage(0, "*");
    // Whatever is out of order comes before this one.
    for (const odd of [null, 7, "x", {}, { type: "scheduler-lab:go" }, { type: "scheduler-lab:go", version: 2, step: 8 },
      { type: "scheduler-lab:go", version: 1, step: -1 }, { type: "scheduler-lab:go", version: 1, step: {} }])
      if (data === "sent") lab.contentWindow.postMessage(odd, "*");
    if (data === "sent") lab.contentWindow.postMessage({ type: "scheduler-lab:go", version: 1, step: 5 }, "*");
  });
</script></html>`);
  t.after(outer.close);
  const { page, assertQuiet } = await open(t, outer.url);
  const frame = await ready(await frameAt(page, shared.host.url));
  await at(frame, 5);
  await page.waitForFunction(() => window.steps.at(-1) === 5);
  assert.deepEqual(await page.evaluate(() => window.steps), [0, 5]);
  assertQuiet();
});

for (const [name, message] of [
  ["lti", { subject: "lti.frameResize" }],
  ["openedx", { type: "plugin.resize" }],
]) {
  test(`with resize=${name} the height is told in that platform's words`, async (t) => {
    const outer = await serveOuterPage(`${shared.host.url}?embed=1&resize=${name}`);
    t.after(outer.close);
    const { page, assertQuiet } = await open(t, outer.url);
    await page.waitForFunction(
      (wanted) =>
        window.messages.some((found) => {
          const height = found?.payload?.height ?? found?.height;
          return height > 100 && Object.entries(wanted).every(([key, value]) => found[key] === value);
        }),
      message,
    );
    assertQuiet();
  });
}

test("a shared link opens the future that it was made in", async (t) => {
  const { page, assertQuiet } = await open(t, "?scenario=book&model=single,pool&workers=1");
  await ready(page);
  for (let step = 0; step < 7; step += 1) await page.keyboard.press("ArrowRight");
  await at(page, 7);
  await page.getByRole("button", { name: "Send /sleep" }).click();
  await page.getByRole("group", { name: "Futures" }).waitFor();
  const { done, all } = await position(page);
  await page.getByRole("button", { name: "Share" }).click();
  const link = await page.getByLabel("A link to this moment").inputValue();
  assert.match(link, /workers=1/);
  assert.match(link, /sent=1@/);
  assert.ok(link.length < 2000);
  await page.keyboard.press("Escape");
  // A button and no key: keys are the page's again only some time after a dialogue is gone.
  await page.getByRole("button", { name: "To the end" }).click();
  await at(page, "end");
  const digest = await page.getByTestId("digest-pool").textContent();

  const again = await open(t, link);
  await ready(again.page);
  await at(again.page, done);
  assert.equal((await position(again.page)).all, all);
  await again.page.getByTestId("digest-pool").filter({ hasText: digest }).waitFor({ state: "attached" });
  assertQuiet();
  again.assertQuiet();
});

test("the snippets of the share dialogue work in a page", async (t) => {
  const { page, assertQuiet } = await open(t, "?scenario=book&model=pool&step=4");
  await ready(page);
  await page.getByRole("button", { name: "Share" }).click();
  await assertAccessible(page);
  const snippet = page.getByLabel("To show this in another page");
  for (const kind of ["HTML", "HTML, <iframe>", "Moodle, Canvas"]) {
    await page.getByTestId("host").selectOption(kind);
    const text = await snippet.inputValue();
    const outer = await serveHtml(
      `<!doctype html><html lang="en"><title>A course</title><link rel="icon" href="data:,">${text}</html>`,
    );
    t.after(outer.close);
    const course = await open(t, outer.url);
    const frame = await ready(await frameAt(course.page, shared.host.url));
    await at(frame, 4);
    course.assertQuiet();
  }
  assertQuiet();
});

test("the single file works in a sandboxed frame on a host without CORS", async (t) => {
  const plain = await serveFolder(dirname(single), { cors: false });
  t.after(plain.close);
  const outer = await serveOuterPage(`${plain.url}single.html?embed=1&scenario=book&model=pool&step=3&lang=ru`);
  t.after(outer.close);
  const { page, assertQuiet } = await open(t, outer.url);
  const frame = await ready(await frameAt(page, plain.url));
  await at(frame, 3);
  await frame.getByTestId("position").click(); // a frame has the keys when it has the focus
  await frame.locator("body").press("ArrowRight");
  await at(frame, 4);
  assertQuiet();
});

test("the single file works from a disk, with the parts that others fetch", async (t) => {
  const { page, assertQuiet } = await open(t, `${pathToFileURL(single)}?scenario=book&model=pool&step=3`);
  await ready(page);
  await at(page, 3);
  await page.keyboard.press("ArrowRight");
  await at(page, 4);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  assert.match(await readFile(await (await downloading).path(), "utf8"), /^{"format":"scheduler-lab-trace"/);
  await page.getByRole("button", { name: "RU" }).click();
  await page.locator("html[lang=ru]").waitFor();
  assertQuiet();
});

test("the documented content security policy is enough", async (t) => {
  const docs = await readFile(join(root, "docs", "EMBEDDING.md"), "utf8");
  const policy = docs.match(/`Content-Security-Policy: ([^`]+)`/)[1];
  const strict = await serveFolder(dist, { headers: { "content-security-policy": `default-src 'none'; ${policy}` } });
  t.after(strict.close);
  const { page, assertQuiet } = await open(t, `${strict.url}?scenario=book&step=3&lang=ru`);
  await ready(page);
  await at(page, 3);
  await page.locator("html[lang=ru]").waitFor();
  assertQuiet();
});
