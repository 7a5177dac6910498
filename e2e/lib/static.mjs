// Two small hosts: one serves the built page, the other an outer page that holds it in an iframe.
//
// They are two servers because another origin is what a course's page is to the simulator.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { gzipSync } from "node:zlib";

import { dist } from "./paths.mjs";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".jsonl": "application/jsonl",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".toml": "application/toml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

/**
 * Serves a folder on a free port of the loopback; returns `{ url, gzipped, close }`.
 *
 * `mounts` are other folders under it by the path they have there, as `{ "lab/": dist }`.
 * `headers` go with every file. `cors`: whether other origins may read the files. A sandboxed iframe without `allow-same-origin` is
 * such an origin even to its own host. `gzipped` maps each path that was fetched to what it weighs
 * over the network.
 */
export async function serveFolder(folder = dist, { cors = true, mounts = {}, headers: more = {} } = {}) {
  const gzipped = new Map();
  const host = await listen(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://host").pathname);
    const [mount, root] = Object.entries(mounts).find(([mount]) => path.startsWith(`/${mount}`)) ?? ["", folder];
    const inside = path.slice(1 + mount.length);
    const file = normalize(join(root, inside === "" || inside.endsWith("/") ? `${inside}index.html` : inside));
    if (!file.startsWith(root + sep)) return void response.writeHead(403).end();
    let body;
    try {
      body = await readFile(file);
    } catch {
      return void response.writeHead(404, { "content-type": "text/plain" }).end("not found");
    }
    gzipped.set(path, gzipSync(body, { level: 9 }).length);
    const headers = { ...more, "content-type": TYPES[extname(file)] ?? "application/octet-stream" };
    if (cors) headers["access-control-allow-origin"] = "*";
    response.writeHead(200, headers).end(body);
  });
  return { ...host, gzipped };
}

/**
 * Serves a page whose only content is an iframe of `src`; returns `{ url, close }`.
 *
 * `sandbox` is the iframe's attribute; `null` leaves it out. Messages from the iframe are kept in the
 * outer page's `window.messages`.
 */
export function serveOuterPage(src, { sandbox = "allow-scripts", width = "100%", height = 720 } = {}) {
  const attribute = sandbox === null ? "" : ` sandbox="${escape(sandbox)}"`;
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>A course</title>
<link rel="icon" href="data:,">
<script>
  window.messages = [];
  addEventListener("message", (event) => window.messages.push(event.data));
</script>
<h1>A course</h1>
<iframe title="Scheduler Lab" src="${escape(src)}" width="${width}" height="${height}"${attribute}></iframe>
</html>
`;
  return serveHtml(html);
}

/** Serves one HTML document, whatever is asked for; returns `{ url, close }`. */
export function serveHtml(html) {
  return listen((_request, response) => {
    response.writeHead(200, { "content-type": TYPES[".html"] }).end(html);
  });
}

function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
}

async function listen(handler) {
  const server = createServer(handler);
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  // A test that fails before it closes its host must not keep the runner waiting.
  server.unref();
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${server.address().port}/`, close };
}
