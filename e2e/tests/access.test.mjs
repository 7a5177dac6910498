// Access: axe in both languages and themes, forced colours, less motion, the keyboard alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertAccessible } from "../lib/axe.mjs";
import { hosted } from "../lib/hosted.mjs";
import { at, frameAt, position, ready } from "../lib/lab.mjs";

const shared = hosted();
const { lab } = shared;

for (const lang of ["en", "ru"]) {
  for (const theme of ["light", "dark", "projector"]) {
    test(`all six models, ${lang}, ${theme}: nothing for axe to find, at 320 px and 1920 px`, async (t) => {
      for (const width of [320, 1920]) {
        const query = `?scenario=fork&model=single,spawn,pool,fork-join,async,sharded&step=60&lang=${lang}&theme=${theme}`;
        const { page, assertQuiet } = await lab(t, query, { viewport: { width, height: 900 } });
        await page.locator(`html[lang=${lang}][data-theme=${theme}]`).waitFor();
        await at(page, 60);
        const widest = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(widest <= width, `${widest} px in a window of ${width} px`);
        await assertAccessible(page);
        assertQuiet();
      }
    });
  }
}

test("one button goes through the themes, the projector's has large type, and the choice stays", async (t) => {
  const { page, assertQuiet } = await lab(t, "?scenario=book&model=single", { colorScheme: "light" });
  const type = () => page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
  const plain = await type();
  for (const theme of ["projector", "dark", "light", "projector"]) {
    await page.getByRole("button", { name: /^Use the .* theme/ }).click();
    await page.locator(`html[data-theme=${theme}]`).waitFor();
  }
  assert.ok((await type()) >= plain * 1.2);
  await page.reload();
  await page.locator("html[data-theme=projector]").waitFor();
  assertQuiet();
});

test("a loop shows both its lists in a window 320 px wide, with as many requests as there is room for", async (t) => {
  const query = "?scenario=book&model=async&step=1&sent=1@1000000x10";
  const { page, assertQuiet } = await lab(t, query, { viewport: { width: 320, height: 800 } });
  const lists = page.locator(".lane__lists");
  while (!(await lists.textContent()).includes("asleep 11")) await page.keyboard.press("ArrowRight");
  const whole = await lists.evaluate((lists) => {
    const { right, bottom } = lists.getBoundingClientRect();
    const names = [...lists.querySelectorAll(".lane__list > :first-child")].map((name) => name.getBoundingClientRect());
    return names.every((name) => name.right <= right && name.bottom <= bottom);
  });
  assert.ok(whole);
  assertQuiet();
});

test("with forced colours every state still has its form, and axe finds nothing", async (t) => {
  const { page, assertQuiet } = await lab(t, "?scenario=book&model=single,spawn&step=20", { forcedColors: "active" });
  await at(page, 20);
  assert.ok(await page.evaluate(() => matchMedia("(forced-colors: active)").matches));
  await assertAccessible(page);
  assertQuiet();
});

test("with less motion nothing moves by itself, and playing goes from event to event", async (t) => {
  const { page, assertQuiet } = await lab(t, "?scenario=book&model=pool&speed=16", { reducedMotion: "reduce" });
  // What lasts no longer than a frame is no motion.
  const moving = () =>
    page.evaluate(() => document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 1).length);
  assert.equal(await moving(), 0);
  await page.getByRole("region", { name: "Controls" }).getByRole("button", { name: "Play" }).click();
  await at(page, "end");
  assert.equal(await moving(), 0);
  assertQuiet();
});

test("what is scrolled out of sight in another page stands still, and goes on when it is seen", async (t) => {
  // Of one origin: browsers give frames of another one no turns there by themselves.
  const { page, problems } = await shared.open(t, "embed.js");
  await page.evaluate(() => {
    document.body.innerHTML = `<div style="height: 4000px"></div>
      <iframe title="Scheduler Lab" src="./?embed=1&scenario=book&model=pool&speed=16" width="100%" height="600"></iframe>`;
  });
  const frame = await ready(await frameAt(page, `${shared.host.url}?`));
  await page.evaluate(() => frames[0].postMessage({ type: "scheduler-lab:play", version: 1 }, "*"));
  await frame.getByRole("button", { name: "Pause" }).waitFor();
  // Frames that are asked for after those of the page are called after them.
  const frames = (n) =>
    frame.evaluate(
      (n) => new Promise((done) => {
        const next = () => (n-- > 0 ? requestAnimationFrame(next) : done());
        next();
      }),
      n,
    );
  await frames(2);
  const { done } = await position(frame);
  await frames(30);
  assert.equal((await position(frame)).done, done);
  await page.locator("iframe").scrollIntoViewIfNeeded();
  await at(frame, "end");
  // The script that stands in for a page has no icon.
  assert.deepEqual(problems.filter((problem) => !/favicon|404/.test(problem)), []);
});

test("letters are keys under a Russian layout too, and a press beside a dialogue closes it", async (t) => {
  const { page, assertQuiet } = await lab(t, "?scenario=book&model=single&lang=ru");
  const press = (key, code) =>
    page.evaluate((what) => document.body.dispatchEvent(new KeyboardEvent("keydown", { ...what, bubbles: true })), { key, code });
  await press("ы", "KeyS");
  await page.getByRole("group", { name: "Варианты будущего" }).getByRole("button", { name: /^\+ \/sleep/ }).waitFor();
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Клавиши" });
  await keys.waitFor();
  await page.mouse.click(5, 5);
  await keys.waitFor({ state: "hidden" });
  assertQuiet();
});

test("the keyboard alone opens, steps, sends, asks why and shares", async (t) => {
  const { page, assertQuiet } = await lab(t, "?scenario=book&model=single");
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
  const tabTo = async (name) => {
    for (let presses = 0; presses < 80; presses += 1) {
      await page.keyboard.press("Tab");
      if ((await focused()).startsWith(name)) return;
    }
    assert.fail(`Tab never came to ${name}`);
  };
  await tabTo("Share");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Share" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Share" }).waitFor({ state: "hidden" });
  await tabTo("Step");
  await page.keyboard.press("Enter");
  await at(page, 1);
  await tabTo("Send /sleep");
  await page.keyboard.press("Enter");
  await page.getByRole("group", { name: "Futures" }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  assertQuiet();
});
