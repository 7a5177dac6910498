// How the page is laid out where little room is left: its head, what has the focus, wider text, and paper.

import assert from "node:assert/strict";
import { test } from "node:test";

import { hosted } from "../lib/hosted.mjs";
import { at, frameAt, ready } from "../lib/lab.mjs";
import { serveOuterPage } from "../lib/static.mjs";

const shared = hosted();

/** In how many rows the head's parts stand, and which of them are cut, or under another. */
const head = (frame) =>
  frame.evaluate(() => {
    const parts = [...document.querySelectorAll(".header :is(h1, select, button, a)")];
    const boxes = parts.map((part) => part.getBoundingClientRect());
    const rows = new Set();
    for (const { top, bottom } of boxes) {
      const middle = (top + bottom) / 2;
      if (![...rows].some((row) => Math.abs(row - middle) < 8)) rows.add(middle);
    }
    const name = (part) => part.getAttribute("aria-label") ?? part.textContent.trim();
    const isUnder = (one, other) =>
      one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1;
    const bad = parts.filter((part, place) => {
      const { left, right } = boxes[place];
      const isOutside = left < 0 || right > innerWidth;
      return isOutside || part.scrollWidth > part.clientWidth + 1 || boxes.some((other, at) => at !== place && isUnder(boxes[place], other));
    });
    // A list does not tell whether what is chosen has room in it.
    const select = document.querySelector(".header select");
    const style = getComputedStyle(select);
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const chosen = select.selectedOptions[0].text;
    const cut = pen.measureText(chosen).width > room ? [chosen] : [];
    return { rows: rows.size, bad: [...bad.map(name), ...cut] };
  });

/** Whether the page is one that a server gives out, with one button more. */
const asOfServer = (page) =>
  page.route(
    (url) => url.pathname === "/",
    async (route) => {
      const response = await route.fetch();
      const meta = '<meta name="scheduler-lab-live" content="-/live">';
      await route.fulfill({ response, body: (await response.text()).replace("<head>", `<head>${meta}`) });
    },
  );

// The longest name of a scenario in each language.
const LONGEST = { en: "closed", ru: "fork" };
const ROWS = { 320: 6, 480: 6, 700: 4, 820: 2, 1024: 2, 1366: 2, 1440: 1, 1920: 1 };

for (const [lang, scenario] of Object.entries(LONGEST)) {
  test(`the head has the rows it should, and all of it is to be read, ${lang}`, async (t) => {
    for (const [width, most] of Object.entries(ROWS)) {
      for (const isLive of [false, true]) {
        const { page, assertQuiet } = await shared.open(t, "about:blank", { viewport: { width: Number(width), height: 800 } });
        if (isLive) await asOfServer(page);
        await page.goto(`${shared.host.url}?scenario=${scenario}&lang=${lang}`);
        await ready(page);
        const { rows, bad } = await head(page);
        const where = `${width} px${isLive ? ", live" : ""}`;
        assert.deepEqual(bad, [], where);
        // One button more takes the desk's single row.
        assert.ok(rows <= most + (isLive && width === "1440" ? 1 : 0), `${rows} rows at ${where}`);
        assertQuiet();
      }
    }
  });
}

test("the projector's theme has its head in two rows, in both languages", async (t) => {
  for (const [lang, scenario] of Object.entries(LONGEST)) {
    for (const width of [1366, 1920]) {
      const query = `?scenario=${scenario}&lang=${lang}&theme=projector`;
      const { page, assertQuiet } = await shared.lab(t, query, { viewport: { width, height: 1000 } });
      await page.locator("html[data-theme=projector]").waitFor();
      const { rows, bad } = await head(page);
      assert.deepEqual({ bad, fits: rows <= 2 }, { bad: [], fits: true }, `${width} px, ${lang}: ${rows} rows`);
      assertQuiet();
    }
  }
});

test("in a frame the head takes two rows where one has no room", async (t) => {
  for (const width of [780, 1100, 1170]) {
    const outer = await serveOuterPage(`${shared.host.url}?embed=1&scenario=fork&lang=ru`, { width });
    t.after(outer.close);
    const { page, assertQuiet } = await shared.open(t, outer.url);
    const frame = await ready(await frameAt(page, shared.host.url));
    const { rows, bad } = await head(frame);
    assert.deepEqual({ bad, fits: rows <= (width < 1170 ? 2 : 1) }, { bad: [], fits: true }, `${width} px: ${rows} rows`);
    assertQuiet();
  }
});

// A phone; and a desk's page at 400 %, which has no room for a bar that is always there.
for (const height of [740, 256]) {
  test(`what has the focus is never behind the bar at the foot, 320 × ${height} px`, async (t) => {
    const query = "?scenario=book&model=single,pool&step=9&lang=ru";
    const { page, assertQuiet } = await shared.lab(t, query, { viewport: { width: 320, height } });
    await at(page, 9);
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press("Tab");
      const hidden = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === document.body || element.closest(".controls")) return null;
        const { top, bottom, left, right } = element.getBoundingClientRect();
        const bar = document.querySelector(".controls");
        const seen = [top + 2, (top + bottom) / 2, bottom - 2].some((y) => {
          const there = document.elementFromPoint((left + right) / 2, Math.min(Math.max(y, 0), innerHeight - 1));
          return there && !bar.contains(there);
        });
        return seen ? null : element.outerHTML.slice(0, 120);
      });
      assert.equal(hidden, null);
    }
    assertQuiet();
  });
}

test("with wider text nothing is lost, as WCAG 1.4.12 asks", async (t) => {
  for (const [width, model] of [[320, "pool"], [820, "async"], [1440, "single,fork-join"]]) {
    for (const lang of ["en", "ru"]) {
      const query = `?scenario=book&model=${model}&step=12&lang=${lang}`;
      const { page, assertQuiet } = await shared.lab(t, query, { viewport: { width, height: 900 } });
      await at(page, 12);
      await page.addStyleTag({
        content: "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }",
      });
      const cut = await page.evaluate(() => {
        const parts = [...document.querySelectorAll(".page :is(button, p, h1, h2, h3, summary, th, td, .core, .acceptor, .lane__state)")];
        const isShown = (part) => part.getClientRects().length > 0 && !part.closest(".visually-hidden");
        const isCut = (part) => {
          const { overflowX, overflowY } = getComputedStyle(part);
          const clips = overflowX !== "visible" || overflowY !== "visible";
          return clips && (part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1);
        };
        return parts.filter((part) => isShown(part) && isCut(part)).map((part) => `${part.className}: ${part.textContent}`);
      });
      assert.deepEqual(cut, [], `${width} px, ${lang}`);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
      assertQuiet();
    }
  }
});

test("on paper the moment is dark on light, whole, and without what can only be pressed", async (t) => {
  const { page, assertQuiet } = await shared.lab(t, "?scenario=book&model=single&step=12&theme=dark&lang=en");
  await at(page, 12);
  const ink = () => page.evaluate(() => getComputedStyle(document.body).color);
  const drawn = () => page.evaluate(() => document.querySelector(".timeline__canvas").toDataURL());
  const [inkOnScreen, onScreen] = [await ink(), await drawn()];
  await page.emulateMedia({ media: "print" });
  assert.notEqual(await ink(), inkOnScreen);
  await page.getByRole("button", { name: "Step", exact: true }).waitFor({ state: "hidden" });
  await page.getByTestId("position").waitFor();
  await page.getByRole("heading", { name: "Why does request 2 wait?" }).waitFor();
  // The time line is drawn anew, in the colours of paper.
  await page.waitForFunction((before) => document.querySelector(".timeline__canvas").toDataURL() !== before, onScreen);
  assertQuiet();
});
