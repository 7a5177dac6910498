// Which references of lessons there are: what is taken, and what a test counts.

import { join } from "node:path";

import { root } from "./paths.mjs";

/** Where they lie. */
export const folder = join(root, "docs", "lessons");

/** The name of one of them. */
export const fileOf = (lesson, { width }, { theme }) => `${lesson}-${width}-${theme}.webp`;

/** A phone, a tablet, a desk. */
export const SIZES = [
  { width: 320, height: 740 },
  { width: 820, height: 1180 },
  { width: 1440, height: 900 },
];

/** Both themes and both languages, in half as many pictures. */
export const LOOKS = [
  { theme: "light", lang: "en" },
  { theme: "dark", lang: "ru" },
];

/** After how many events there is most to see, and which answer is right, from 1. */
export const MAIN_MOMENTS = {
  sleep: { step: 10, answer: 3 },
  threads: { step: 34, answer: 3 },
  flood: { step: 264, answer: 2 },
  pool: { step: 140, answer: 2 },
  queue: { step: 76, answer: 2 },
  workers: { step: 400, answer: 2 },
  kept: { step: 28, answer: 2 },
  shutdown: { step: 40, answer: 3 },
  panic: { step: 44, answer: 3 },
  "fork-join": { step: 58, answer: 3 },
  loop: { step: 417, answer: 1 },
  blocking: { step: 86, answer: 3 },
  loops: { step: 85, answer: 2 },
};
