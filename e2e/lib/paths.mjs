// Where the tests find what they test. `cargo xtask e2e` says so; a run by hand has the defaults.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { delimiter, join, resolve } from "node:path";

/** The workspace's root. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The built page. */
export const dist = resolve(process.env.DIST ?? join(root, "dist"));

/** Where screenshots and downloads go; git ignores it. */
export const out = join(root, "e2e", "out");

/** The built server. */
export const nativeServer = resolve(
  process.env.NATIVE_SERVER ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug", "native-server"),
);

/** The system's Chromium. Playwright would download a browser of its own: nobody needs two. */
export function chromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      if (existsSync(join(folder, name))) return join(folder, name);
    }
  }
  throw new Error("no Chromium on PATH: run `cargo xtask e2e`, or set CHROMIUM");
}

/** What builds the book among the examples. */
export const mdbook = process.env.MDBOOK ?? "mdbook";

/** An installed package of the tests' own. */
export const packageFolder = (name) => join(root, "e2e", "node_modules", name);

/** The page in one file, which `cargo xtask e2e` makes. */
export const single = join(out, "single.html");
