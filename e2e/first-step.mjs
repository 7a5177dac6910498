// Says which places of the page's code run until its first step, by number: `cargo xtask first-step` builds
// a page that counts them, runs this and keeps what it prints.
//
//   DIST=... node e2e/first-step.mjs

import { launch, openPage } from "./lib/browser.mjs";
import { at, ready } from "./lib/lab.mjs";
import { serveFolder } from "./lib/static.mjs";

const ran = new Set();
const host = await serveFolder();
const browser = await launch();
try {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, reducedMotion: "no-preference" };
  // As it opens by itself, also for who has chosen a look, and in pages of others, under the models of threads; those of
  // loops would be 1.8 kB more. The document knows these links as well (index.html): whatever else is asked for has
  // the rest fetched beside the first load.
  const embedded = "?embed=1&resize=lti&scenario=book&lang=en";
  const opened = [
    ["", {}],
    ["", { colorScheme: "dark" }],
    ["", phone],
    ["", { storageState: chosen(host.url) }],
    [`${embedded}&model=single,pool&theme=dark`, {}],
    [`${embedded}&model=fork-join&theme=light`, {}],
    [`${embedded}&model=single,spawn,pool,fork-join&theme=projector`, {}],
  ];
  for (const [query, options] of opened) {
    await firstStep(query, options, (page) => page.keyboard.press("ArrowRight"));
    await firstStep(query, options, (page) => page.getByRole("button", { name: "Step", exact: true }).click());
  }
} finally {
  await browser.close();
  await host.close();
}
console.log([...ran].sort((one, other) => one - other).join("\n"));

/** A browser's memory of a look that was chosen. */
function chosen(url) {
  const look = Object.entries({ language: "en", theme: "dark" });
  const localStorage = look.map(([name, value]) => ({ name: `scheduler-lab:${name}`, value }));
  return { cookies: [], origins: [{ origin: new URL(url).origin, localStorage }] };
}

/** Opens the page at a query, steps in this way, and adds what ran. */
async function firstStep(query, options, step) {
  const { page, close } = await openPage(browser, "about:blank", options);
  await page.addInitScript(() => {
    addEventListener("TrunkApplicationStarted", ({ detail }) => (window.counted = detail.wasm.counted));
  });
  await page.goto(`${host.url}${query}`);
  await ready(page);
  await step(page);
  await at(page, 1);
  const numbers = await page.evaluate(() => {
    const bytes = new Uint8Array(window.counted.buffer);
    return [...bytes.keys()].filter((number) => bytes[number] === 1);
  });
  for (const number of numbers) ran.add(number);
  await close();
}
