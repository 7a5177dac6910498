// The real server, as a child process on free ports.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

import { nativeServer, root } from "./paths.mjs";

/**
 * Starts `native-server serve` and waits until it has printed both its addresses.
 *
 * Returns `{ url, inspectUrl, output, stop }`: `output()` is what it printed so far; `stop()` sends
 * SIGTERM, waits for the drain and resolves to the exit code. `flags` come after the two that choose
 * free ports.
 */
export async function startServer(flags = []) {
  const free = ["--listen", "127.0.0.1:0", "--inspect", "127.0.0.1:0"];
  const child = spawn(nativeServer, ["serve", ...free, ...flags], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  }
  // A test process that dies must not leave a server behind.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(child, "exit")
    .then(([code, signal]) => code ?? signal)
    .catch((error) => {
      throw new Error(`${error.message}; \`cargo build -p native-server\` builds it`);
    })
    .finally(() => process.off("exit", kill));
  const stop = async () => {
    if (child.exitCode === null) child.kill("SIGTERM");
    const timer = setTimeout(kill, STOP_WITHIN_MS);
    const code = await ended;
    clearTimeout(timer);
    return code;
  };

  const outcome = await Promise.race([
    printed(child, () => output, START_WITHIN_MS),
    ended.then((code) => ({ failure: `the server ended with ${code}` })),
  ]);
  if (outcome.failure) {
    await stop();
    throw new Error(`${outcome.failure}; it printed:\n${output}`);
  }
  return { ...outcome, output: () => output, stop };
}

/** Resolves to both addresses once they stand in the output. */
async function printed(child, output, within_ms) {
  const started = Date.now();
  while (child.exitCode === null && Date.now() - started < within_ms) {
    const addresses = findAddresses(output());
    if (addresses) return addresses;
    await delay(20);
  }
  return { failure: `no two addresses within ${within_ms} ms` };
}

/** The address after "listening on" is the traffic's, the other one is the page's. */
export function findAddresses(output) {
  const url = output.match(/listening on (http:\/\/[^\s/]+)/)?.[1];
  const others = [...output.matchAll(/http:\/\/[^\s/,;)]+/g)].map(([text]) => text);
  const inspectUrl = others.find((other) => other !== url);
  // A line that is still being written may hold half a port.
  const whole = output.endsWith("\n");
  return url && inspectUrl && whole ? { url: `${url}/`, inspectUrl: `${inspectUrl}/` } : null;
}

const START_WITHIN_MS = 60_000;

/** Above the default `--drain-seconds`. */
const STOP_WITHIN_MS = 60_000;
