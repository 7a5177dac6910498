// The lessons: by the keyboard alone, in both languages and themes, at both ends of widths, in a frame.

import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";

import { assertAccessible } from "../lib/axe.mjs";
import { hosted } from "../lib/hosted.mjs";
import { at, frameAt } from "../lib/lab.mjs";
import { LOOKS, MAIN_MOMENTS, SIZES, fileOf, folder } from "../lib/lesson-shots.mjs";
import { single } from "../lib/paths.mjs";
import { serveOuterPage } from "../lib/static.mjs";

const shared = hosted();

async function open(t, query, options) {
  const opened = await shared.open(t, query, options);
  await card(opened.page).waitFor();
  return opened;
}

const card = (frame) => frame.locator(".lesson[data-lesson]");
const heading = (frame) => card(frame).getByRole("heading", { level: 2 });

test("the keyboard alone takes a reader through a lesson and on to the next", async (t) => {
  const { page, assertQuiet } = await open(t, "?lesson=sleep&lang=en");
  const focused = () =>
    page.evaluate(() => {
      const { activeElement: element } = document;
      return element === document.body ? "" : (element.labels?.[0] ?? element).textContent.trim();
    });
  const tabTo = async (name) => {
    for (let presses = 0; presses < 80; presses += 1) {
      await page.keyboard.press("Tab");
      if ((await focused()).startsWith(name)) return;
    }
    assert.fail(`Tab never came to ${name}`);
  };
  assert.equal(await focused(), "", "a page that was only opened takes no focus");
  await page.locator(".timeline").waitFor({ state: "detached" });
  await tabTo("At once");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "When both sleeps are over");
  await tabTo("That is my guess");
  await page.keyboard.press("Enter");
  await card(page).getByText("Your guess").waitFor();
  assert.equal(await focused(), "One thread and /sleep", "the focus is where the next phase begins");
  await page.keyboard.press("ArrowRight");
  await at(page, 1);
  await tabTo("Run it");
  await page.keyboard.press("Enter");
  await card(page).getByText("As you said").first().waitFor();
  await at(page, "end");
  assert.match(await card(page).getByRole("status").textContent(), /As you said.*waited 9\.00\ss/);
  await tabTo("Next");
  await page.keyboard.press("Enter");
  await card(page).and(page.locator("[data-lesson=threads]")).waitFor();
  assert.equal(await focused(), "A thread for each connection");
  assertQuiet();
});

test("a wrong prediction is explained, and the lesson counts as done", async (t) => {
  const { page, context, assertQuiet } = await open(t, "?lesson=panic&lang=en");
  await card(page).getByText("One: its thread is gone").click();
  await card(page).getByRole("button", { name: "That is my guess" }).click();
  await page.keyboard.press("End");
  await card(page).getByText("It went otherwise").first().waitFor();
  await card(page).getByText("In the book’s pool it would be gone").first().waitFor();
  assertQuiet();
  const again = await context.newPage();
  await again.goto(`${shared.host.url}?lesson=sleep&lang=en`);
  await card(again).getByText("Lesson 1 of 13").click();
  await again.getByRole("button", { name: "A handler panics done" }).click();
  assert.equal(await heading(again).textContent(), "A handler panics");
});

test("the book's experiment leads to the first lesson", async (t) => {
  const { page, assertQuiet } = await shared.open(t, "?lang=en");
  await page.getByRole("button", { name: "Play the experiment" }).waitFor();
  await page.keyboard.press("End");
  await page.getByRole("button", { name: "Predict first" }).click();
  await heading(page).waitFor();
  assert.equal(await heading(page).textContent(), "One thread and /sleep");
  assertQuiet();
});

for (const lang of ["en", "ru"]) {
  for (const theme of ["light", "dark"]) {
    test(`a lesson before and after its run, ${lang}, ${theme}: nothing for axe to find, at 320 px and 1920 px`, async (t) => {
      for (const width of [320, 1920]) {
        const query = `?lesson=threads&lang=${lang}&theme=${theme}`;
        const { page, assertQuiet } = await open(t, query, { viewport: { width, height: 900 } });
        await page.locator(`html[lang=${lang}][data-theme=${theme}]`).waitFor();
        const narrow = async () => {
          const widest = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(widest <= width, `${widest} px in a window of ${width} px`);
          await assertAccessible(page);
        };
        await narrow();
        await card(page).getByRole("radio").first().check();
        await card(page).locator(".lesson__phase .button--main").click();
        await narrow();
        await page.keyboard.press("End");
        await card(page).locator(".lesson__remember").waitFor();
        await narrow();
        await card(page).locator("summary").click();
        await narrow();
        assertQuiet();
      }
    });
  }
}

test("a lesson opens in a sandboxed frame, which may store nothing", async (t) => {
  const outer = await serveOuterPage(`${shared.host.url}?embed=1&lesson=flood&lang=ru`);
  t.after(outer.close);
  const { page, assertQuiet } = await shared.open(t, outer.url);
  const frame = await frameAt(page, shared.host.url);
  await card(frame).getByRole("radio").nth(1).check();
  await card(frame).getByRole("button", { name: "Таков мой ответ" }).click();
  await card(frame).getByRole("button", { name: "Сразу к концу" }).click();
  await card(frame).getByText("Вы угадали").first().waitFor();
  assertQuiet();
});

test("the page in one file has its lessons inside, from a disk too", async (t) => {
  const { page, assertQuiet } = await shared.open(t, `${pathToFileURL(single)}?lesson=sleep&lang=en`);
  await heading(page).waitFor();
  assert.equal(await heading(page).textContent(), "One thread and /sleep");
  assertQuiet();
});

// Whether they are up to date is for eyes: fonts differ between computers.
test("each lesson has its reviewed references, which stay small", async () => {
  const kept = (await readdir(folder)).filter((name) => name.endsWith(".webp"));
  const wanted = Object.keys(MAIN_MOMENTS).flatMap((lesson) =>
    SIZES.flatMap((size) => LOOKS.map((look) => fileOf(lesson, size, look))),
  );
  assert.deepEqual(kept.toSorted(), wanted.toSorted());
  const sizes = await Promise.all(kept.map(async (name) => (await stat(join(folder, name))).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total <= REFERENCES_MAX_BYTES, `${total} bytes`);
});

const REFERENCES_MAX_BYTES = 5_000_000;
