// The page on a host of its own, a browser to open it in and a folder for files: what the tests of a
// file share. Made before the first of them, gone after the last.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";

import { launch, openPage } from "./browser.mjs";
import { ready } from "./lab.mjs";
import { serveFolder } from "./static.mjs";

/**
 * Gives an object whose `host`, `browser` and `folder` are there when the tests run, and `open`:
 * the page at a query, or at a whole address, which is closed when the test is over. `prepare` is done
 * before the tests as well: two `before` of a file would not wait for each other.
 */
export function hosted(prepare = async () => {}) {
  const shared = {
    /** Opens it with Playwright's options of a context, and waits for nothing. */
    async open(t, address = "", options) {
      const url = /^\w+:/.test(address) ? address : `${shared.host.url}${address}`;
      const opened = await openPage(shared.browser, url, options);
      t.after(opened.close);
      return opened;
    },
    /** The same, ready to be used. */
    async lab(t, address, options) {
      const opened = await shared.open(t, address, options);
      await ready(opened.page);
      return opened;
    },
  };
  before(async () => {
    shared.host = await serveFolder();
    shared.browser = await launch();
    shared.folder = await mkdtemp(join(tmpdir(), "scheduler-lab-"));
    await prepare(shared);
  });
  after(async () => {
    await shared.browser?.close();
    await shared.host?.close();
    if (shared.folder) await rm(shared.folder, { recursive: true, force: true });
  });
  return shared;
}
