// Takes the reviewed references: each lesson at its main moment, at three widths, light and dark.
//
//   node e2e/lesson-shots.mjs [LESSON ...]
//
// They go into docs/lessons/, light ones in English and dark ones in Russian, as WebP: a third of what
// PNG takes. They are no test, since fonts differ between computers. Look at each that changes before
// it is committed.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { launch, openPage } from "./lib/browser.mjs";
import { at } from "./lib/lab.mjs";
import { LOOKS, MAIN_MOMENTS, SIZES, fileOf, folder } from "./lib/lesson-shots.mjs";
import { serveFolder } from "./lib/static.mjs";

const asked = process.argv.slice(2);
const unknown = asked.filter((lesson) => !(lesson in MAIN_MOMENTS));
if (unknown.length > 0) throw new Error(`no such lesson: ${unknown}; there are ${Object.keys(MAIN_MOMENTS)}`);

const host = await serveFolder();
const browser = await launch();
let n_problems = 0;
try {
  await mkdir(folder, { recursive: true });
  for (const lesson of asked.length > 0 ? asked : Object.keys(MAIN_MOMENTS)) {
    for (const viewport of SIZES) {
      for (const look of LOOKS) n_problems += await take(lesson, viewport, look);
    }
  }
} finally {
  await browser.close();
  await host.close();
}
process.exitCode = n_problems === 0 ? 0 : 1;

/** Predicts what is right, sees the end, and comes back to the main moment; counts what went wrong. */
async function take(lesson, viewport, look) {
  const { step, answer } = MAIN_MOMENTS[lesson];
  const query = `?lesson=${lesson}&theme=${look.theme}&lang=${look.lang}`;
  const { page, context, problems, close } = await openPage(browser, `${host.url}${query}`, { viewport });
  await page.locator(`html[lang=${look.lang}]`).waitFor();
  await page.locator(".lesson[data-lesson]").getByRole("radio").nth(answer - 1).check();
  await page.locator(".lesson__phase .button--main").click();
  await page.keyboard.press("End");
  await page.locator(".lesson__remember").waitFor();
  await page.evaluate((step) => {
    const press = (key) => window.dispatchEvent(new KeyboardEvent("keydown", { key }));
    press("Home");
    for (let done = 0; done < step; done += 1) press("ArrowRight");
  }, step);
  await at(page, step);
  await page.evaluate(() => scrollTo(0, 0));
  // Two frames: what the last step changed has been laid out and painted.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const session = await context.newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 76 });
  const path = join(folder, fileOf(lesson, viewport, look));
  await writeFile(path, Buffer.from(data, "base64"));
  console.log(path);
  for (const problem of problems) console.error(`  ${problem}`);
  await close();
  return problems.length;
}
