// Measures the page in Chromium: `cargo xtask bench page` builds it and runs this.
//
//   node e2e/bench.mjs [--long]
//
// A line a figure: its name, its unit, its goal (the most it should be) and what was measured, with
// tabs between them. With --long memory is watched for ten minutes of play instead of one.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { launch, openPage } from "./lib/browser.mjs";
import { at, position, ready } from "./lib/lab.mjs";
import { serveFolder } from "./lib/static.mjs";

const long = process.argv.includes("--long");
const browser = await launch();
const figures = [];
try {
  figures.push(
    await firstLoad(),
    await interactive(),
    ...(await steps()),
    ...(await million()),
    await frames(),
    await memory(),
  );
} finally {
  await browser.close();
}
for (const { name, unit, goal, values } of figures) console.log([name, unit, goal, ...values].join("\t"));

/** All that is fetched before the first step, gzipped, in kB of 1,000 bytes. */
async function firstLoad() {
  const host = await serveFolder();
  const { page, close } = await openPage(browser, host.url);
  await ready(page);
  const bytes = [...host.gzipped.values()].reduce((sum, n) => sum + n, 0);
  await close();
  await host.close();
  return { name: "first load", unit: "kB", goal: 200, values: [bytes / 1000] };
}

/** From the navigation until the page is drawn and has done a step, on a CPU four times as slow. */
async function interactive() {
  const values = [];
  for (let round = 0; round < 7; round += 1) {
    const { page, done } = await opened("");
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.addInitScript(() => {
      // Asks again and again, as an eager reader would: the first step that works counts.
      const eager = setInterval(() => {
        const text = document.querySelector('[data-testid="position"]')?.textContent ?? "";
        if (text.match(/\d+/)?.[0] === "0") dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
        if (!text.match(/[1-9]\d* /)) return;
        clearInterval(eager);
        requestAnimationFrame(() => setTimeout(() => (window.interactiveAt = performance.now())));
      }, 10);
    });
    await page.reload();
    const handle = await page.waitForFunction(() => window.interactiveAt);
    values.push(await handle.jsonValue());
    await done();
  }
  return { name: "interactive at a quarter of the CPU's speed", unit: "ms", goal: 1000, values };
}

/**
 * A step and a step back, from the key to the page laid out and painted, all over a run of 100,000
 * events. Each place is stepped over three times, far apart: the worst is that of a place, by its
 * median, and not of a moment in which the computer did something else.
 */
async function steps() {
  const { page, done } = await opened("?embed=1&scenario=mm4&model=pool");
  const { all } = await position(page);
  if (all < 100_000) throw new Error(`${all} events, not the 100,000 that are to be measured`);
  const places = [];
  // Around checkpoints a step back has the longest way; elsewhere anything may happen.
  for (let place = 1024; place < all; place += 1024 * 7) places.push(place - 1, place, place + 1);
  for (let place = 500; place < all; place += 3331) places.push(place);
  const times = { ArrowRight: places.map(() => []), ArrowLeft: places.map(() => []) };
  for (let round = 0; round < 3; round += 1) {
    for (const [nth, place] of places.entries()) {
      await page.evaluate((step) => window.postMessage({ type: "scheduler-lab:go", version: 1, step }, "*"), place);
      await at(page, place);
      for (const key of ["ArrowRight", "ArrowLeft"]) times[key][nth].push(await pressed(page, key));
    }
  }
  await done();
  return Object.entries({ step: times.ArrowRight, "step back": times.ArrowLeft }).flatMap(([name, of]) => [
    { name: `${name} in ${all} events, 95th percentile`, unit: "ms", goal: 16, values: [percentile(of.flat(), 0.95)] },
    { name: `${name} in ${all} events, worst place`, unit: "ms", goal: 16, values: [Math.max(...of.map((rounds) => percentile(rounds, 0.5)))] },
  ]);
}

/** A recording of 10^6 events, from the choice of the file until it is shown and judged; and steps and jumps in it. */
async function million() {
  const folder = await mkdtemp(join(tmpdir(), "scheduler-lab-"));
  const file = join(folder, "million.jsonl");
  await writeFile(file, recording(250_000));
  const opens = [];
  const jumps = [];
  const scrubs = [];
  for (let round = 0; round < 3; round += 1) {
    const { page, done } = await opened("");
    const started = performance.now();
    await page.getByTestId("trace-file").setInputFiles(file);
    await page.waitForFunction(() => document.querySelector('[data-testid="position"]').textContent.includes("1,000,000"));
    opens.push(performance.now() - started);
    for (let nth = 0; nth < 8; nth += 1) {
      for (const key of ["End", "ArrowLeft", "ArrowRight", "Home", "ArrowRight"]) jumps.push(await pressed(page, key));
    }
    // A drag over the whole time line, back and forth: the golden ratio comes near every place.
    for (let nth = 1; nth <= 40; nth += 1) scrubs.push(await scrubbed(page, (nth * 0.618034) % 1));
    await done();
  }
  await rm(folder, { recursive: true });
  return [
    { name: "a trace of 1,000,000 events opens", unit: "ms", goal: 4000, values: opens },
    { name: "a step in it, or a jump to an end, 95th percentile", unit: "ms", goal: 16, values: [percentile(jumps, 0.95)] },
    { name: "a place in it that is dragged to, 95th percentile", unit: "ms", goal: 16, values: [percentile(scrubs, 0.95)] },
  ];
}

/** How long the page takes to do what a key says, until that is laid out. */
function pressed(page, key) {
  return taken(page, { key });
}

/** The same for a drag of the cursor to a place of the time line, in 0..1. */
function scrubbed(page, place) {
  return taken(page, { place });
}

function taken(page, what) {
  return page.evaluate(
    ({ key, place }) =>
      new Promise((resolve) => {
        const shown = document.querySelector('[data-testid="position"]');
        requestAnimationFrame(() => {
          const started = performance.now();
          new MutationObserver((_, observer) => {
            observer.disconnect();
            // The whole turn, effects included, and the layout that it asks for.
            const channel = new MessageChannel();
            channel.port1.onmessage = () => {
              document.body.getBoundingClientRect();
              resolve(performance.now() - started);
            };
            channel.port2.postMessage(0);
          }).observe(shown, { childList: true, subtree: true, characterData: true });
          if (key) {
            dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
          } else {
            const plot = document.querySelector(".timeline__plot");
            const { left, width } = plot.getBoundingClientRect();
            plot.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, buttons: 1, clientX: left + place * width }));
          }
        });
      }),
    what,
  );
}

/** What a pool of one that is asked again and again would record: four events a request. */
function recording(n_requests) {
  const header = { format: "scheduler-lab-trace", version: 1, model_version: 1, source: "recorded", arrivals: "server" };
  const scenario = { name: "million", server: { model: "pool", workers: 1 } };
  const lines = [JSON.stringify({ ...header, scenario })];
  for (let request = 1; request <= n_requests; request += 1) {
    const [at_ns, end_ns] = [request * 20_000, request * 20_000 + 9_000];
    const kinds = [
      { at_ns, stimulus: { request_arrived: { request } } },
      { at_ns, decision: { assign: { request, worker: 1 } } },
      { at_ns: end_ns, stimulus: { task_finished: { request, worker: 1, ending: "close" } } },
      { at_ns: end_ns, decision: { park: { worker: 1 } } },
    ];
    for (const kind of kinds) lines.push(JSON.stringify({ seq: lines.length, ...kind }));
  }
  return `${lines.join("\n")}\n`;
}

/** From frame to frame while it plays with 1,000 connections on the stage. */
async function frames() {
  const { page, done } = await opened("?embed=1&scenario=flood&model=spawn&sent=1@100000x600&speed=4");
  await page.evaluate(() => window.postMessage({ type: "scheduler-lab:go", version: 1, step: 1500 }, "*"));
  await at(page, 1500);
  const times = await page.evaluate(
    (for_ms) =>
      new Promise((resolve) => {
        window.postMessage({ type: "scheduler-lab:play", version: 1 }, "*");
        const times = [];
        let last;
        const frame = (now) => {
          if (last !== undefined) times.push(now - last);
          last = now;
          const wait = times.reduce((sum, time) => sum + time, 0);
          if (wait < for_ms) requestAnimationFrame(frame);
          else resolve(times);
        };
        requestAnimationFrame(frame);
      }),
    10_000,
  );
  const played = (await position(page)).done - 1500;
  if (played < 50) throw new Error(`it did not play: ${played} events`);
  await done();
  const name = "frame while playing with 1,000 connections, 95th percentile";
  return { name, unit: "ms", goal: 20, values: [percentile(times, 0.95)] };
}

/** What the page holds after playing, relative to what it held after a fifth of the time. */
async function memory() {
  const { page, done } = await opened("?embed=1&scenario=mm4&model=pool&speed=64", () => {
    addEventListener("TrunkApplicationStarted", ({ detail }) => (window.memory = detail.wasm.memory));
  });
  const cdp = await page.context().newCDPSession(page);
  const total = (long ? 600 : 60) * 1000;
  const held = async () => {
    await cdp.send("HeapProfiler.collectGarbage");
    const { usedSize } = await cdp.send("Runtime.getHeapUsage");
    return usedSize + (await page.evaluate(() => window.memory.buffer.byteLength));
  };
  // Where it has ended it begins again: Play at the end starts from the beginning.
  const play = () => page.evaluate(() => window.postMessage({ type: "scheduler-lab:play", version: 1 }, "*"));
  const played = async (for_ms) => {
    const until = Date.now() + for_ms;
    while (Date.now() < until) {
      await play();
      await page.waitForTimeout(Math.min(1000, until - Date.now()));
    }
  };
  await played(total / 5);
  const early = await held();
  await played((total * 4) / 5);
  const late = await held();
  await done();
  return { name: `memory over ${total / 60_000} min of play`, unit: "×", goal: 1.1, values: [late / early] };
}

/** The page at this address, ready. */
async function opened(query, init) {
  const host = await serveFolder();
  const { page, close } = await openPage(browser, "about:blank", { reducedMotion: "no-preference" });
  if (init) await page.addInitScript(init);
  await page.goto(`${host.url}${query}`);
  await ready(page);
  return { page, done: () => close().then(host.close) };
}

function percentile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}
