// Takes the reviewed references: each lesson at its main moment, at three widths, light and dark.
//
//   node e2e/lesson-shots.mjs [LESSON ...]
//
// They go into docs/lessons/, light ones in English and dark ones in Russian. They are no test: fonts
// differ between computers. Look at what `git diff` shows before it is committed.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { launch, openPage } from "./lib/browser.mjs";
import { at } from "./lib/lab.mjs";
import { LOOKS, MAIN_MOMENTS, SIZES, folder } from "./lib/lesson-shots.mjs";
import { serveFolder } from "./lib/static.mjs";

const asked = process.argv.slice(2);
const unknown = asked.filter((lesson) => !(lesson in MAIN_MOMENTS));
if (unknown.length > 0) throw new Error(`no such lesson: ${unknown}; there are ${Object.keys(MAIN_MOMENTS)}`);

const host = await serveFolder();
const browser = await launch();
let n_problems = 0;
try {
  await mkdir(folder, { recursive: true });
  for (const [lesson, { step, answer }] of Object.entries(MAIN_MOMENTS)) {
    if (asked.length > 0 && !asked.includes(lesson)) continue;
    for (const viewport of SIZES) {
      for (const { theme, lang } of LOOKS) {
        const query = `?lesson=${lesson}&theme=${theme}&lang=${lang}`;
        const { page, problems, close } = await openPage(browser, `${host.url}${query}`, { viewport });
        await page.locator(".lesson[data-lesson]").getByRole("radio").nth(answer - 1).check();
        await page.locator(".lesson__phase .button--main").click();
        await page.keyboard.press("End");
        await page.locator(".lesson__remember").waitFor();
        await page.keyboard.press("Home");
        for (let done = 0; done < step; done += 1) await page.keyboard.press("ArrowRight");
        await at(page, step);
        // Two frames: what the last step changed has been laid out and painted.
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        const path = join(folder, `${lesson}-${viewport.width}-${theme}.png`);
        await page.screenshot({ path });
        console.log(path);
        for (const problem of problems) console.error(`  ${problem}`);
        n_problems += problems.length;
        await close();
      }
    }
  }
} finally {
  await browser.close();
  await host.close();
}
process.exitCode = n_problems === 0 ? 0 : 1;
