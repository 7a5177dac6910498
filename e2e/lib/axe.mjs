// The accessibility check: axe-core, run inside a page or a frame.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** axe's violations in `frame` (a page will do), each as one readable text with its impact first. */
export async function violations(frame) {
  // Evaluated and not added as a script: no content security policy stands in the way then.
  await frame.evaluate(source);
  const found = await frame.evaluate(
    (tags) => globalThis.axe.run(document, { runOnly: tags, resultTypes: ["violations"] }),
    TAGS,
  );
  return found.violations.map(({ id, impact, help, nodes }) => {
    const places = nodes.map(({ target, failureSummary }) => `  ${target.join(" ")}: ${failureSummary}`);
    return { impact, text: `${impact} ${id}: ${help}\n${places.join("\n")}` };
  });
}

/** Fails when axe finds anything serious or critical. */
export async function assertAccessible(frame) {
  const found = await violations(frame);
  const serious = found.filter(({ impact }) => impact === "serious" || impact === "critical");
  assert.deepEqual(serious.map(({ text }) => text), []);
}
