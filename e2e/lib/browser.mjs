// The browser, and pages in it that remember everything that went wrong.

import assert from "node:assert/strict";

import { chromium as playwright } from "playwright-core";

import { chromium } from "./paths.mjs";

// Without a sandbox, since tests run as root in containers; without whatever would call home.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the browser. Close it in `after`. */
export function launch() {
  return playwright.launch({ executablePath: chromium(), headless: true, args: FLAGS, timeout: WITHIN_MS });
}

/** No measure of anything: what has not come by then never will, on however busy a machine. */
const WITHIN_MS = 120_000;

/**
 * Opens `url` in a context of its own and returns `{ page, context, problems, assertQuiet, close }`.
 *
 * `options` are those of Playwright's `newContext` (viewport, colorScheme, reducedMotion, locale...).
 * `problems` lists console errors, uncaught exceptions, failed requests and answers of 400 and above,
 * of the page and of every frame in it; `assertQuiet` fails when there is one.
 */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: "en",
    // What fades is seen by axe half faded, and has no contrast then.
    reducedMotion: "reduce",
    acceptDownloads: true,
    ...options,
  });
  context.setDefaultTimeout(WITHIN_MS);
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`uncaught: ${error.stack ?? error}`));
  page.on("crash", () => problems.push("the page crashed"));
  page.on("requestfailed", (request) => {
    // A download starts as a navigation that is then given up.
    const reason = request.failure()?.errorText ?? "";
    if (reason !== "net::ERR_ABORTED") problems.push(`request: ${request.url()} ${reason}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`response: ${response.status()} ${response.url()}`);
  });
  await page.goto(url, { waitUntil: "load" });
  return {
    page,
    context,
    problems,
    assertQuiet: () => assert.deepEqual(problems, []),
    close: () => context.close(),
  };
}
