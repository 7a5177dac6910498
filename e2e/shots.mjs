// Takes screenshots of the page at three widths, light and dark, into e2e/out/.
//
//   node e2e/shots.mjs [URL] [ACTION ...] [--name NAME] [--only WIDTHxSCHEME] [--full]
//
// Without a URL the built page in dist/ is served. Actions are done in the order given, before each
// screenshot:
//
//   --press KEY[*N]   press a key N times: --press 'ArrowRight*9'
//   --click SELECTOR  click what the selector finds (Playwright's: 'text=Play', '.toolbar >> nth=0')
//   --type TEXT       type into what has the focus
//   --drop FILE       choose a file in the page's first file input
//   --wait MS         wait
//
// --name puts a word
// --full takes the whole height of the page, --query adds to the address ('?lang=ru').

import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { launch, openPage } from "./lib/browser.mjs";
import { out } from "./lib/paths.mjs";
import { serveFolder } from "./lib/static.mjs";

const SIZES = [
  { width: 320, height: 740 },
  { width: 820, height: 1180 },
  { width: 1440, height: 900 },
];
const SCHEMES = ["light", "dark"];

const { url, query, actions, name, only, full } = parse(process.argv.slice(2));
const host = url ? null : await serveFolder();
const browser = await launch();
let n_problems = 0;
try {
  await mkdir(out, { recursive: true });
  for (const viewport of SIZES) {
    for (const colorScheme of SCHEMES) {
      const label = `${viewport.width}x${colorScheme}`;
      if (only && only !== label) continue;
      const opened = await openPage(browser, new URL(query, url ?? host.url).href, { viewport, colorScheme });
      await opened.page.getByTestId("position").waitFor();
      for (const act of actions) await act(opened.page);
      // Two frames: what the last action changed has been laid out and painted.
      await opened.page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      const path = join(out, `${name}${viewport.width}-${colorScheme}.png`);
      await opened.page.screenshot({ path, fullPage: full });
      console.log(path);
      for (const problem of opened.problems) console.error(`  ${problem}`);
      n_problems += opened.problems.length;
      await opened.close();
    }
  }
} finally {
  await browser.close();
  await host?.close();
}
process.exitCode = n_problems === 0 ? 0 : 1;

function parse(args) {
  const asked = { url: null, query: "", actions: [], name: "", only: null, full: false };
  const words = args[Symbol.iterator]();
  const value = (flag) => {
    const { value, done } = words.next();
    if (done) throw new Error(`${flag} wants a value`);
    return value;
  };
  for (const word of words) {
    switch (word) {
      case "--press": {
        const [, key, times = "1"] = value(word).match(/^(.+?)(?:\*(\d+))?$/);
        asked.actions.push(async (page) => {
          for (let i = 0; i < Number(times); i += 1) await page.keyboard.press(key);
        });
        break;
      }
      case "--click": {
        const selector = value(word);
        asked.actions.push((page) => page.click(selector));
        break;
      }
      case "--type": {
        const text = value(word);
        asked.actions.push((page) => page.keyboard.type(text));
        break;
      }
      case "--drop": {
        const file = value(word);
        asked.actions.push((page) => page.setInputFiles("input[type=file]", file));
        break;
      }
      case "--wait": {
        const wait_ms = Number(value(word));
        asked.actions.push((page) => page.waitForTimeout(wait_ms));
        break;
      }
      case "--name":
        asked.name = `${value(word)}-`;
        break;
      case "--only":
        asked.only = value(word);
        break;
      case "--query":
        asked.query = value(word);
        break;
      case "--full":
        asked.full = true;
        break;
      default:
        if (word.startsWith("--") || asked.url) throw new Error(`unknown argument ${word}; see the file's header`);
        asked.url = word;
    }
  }
  return asked;
}
