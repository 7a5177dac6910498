// What every test asks of the page: where it stands.

/** Waits until the page in this frame (a page will do) is there. */
export async function ready(frame) {
  await frame.getByTestId("position").waitFor();
  return frame;
}

/** "event 9 of 31" as numbers. */
export async function position(frame) {
  const text = await frame.getByTestId("position").textContent();
  const [done, all] = text.match(/\d[\d,]*/g).map((number) => Number(number.replaceAll(",", "")));
  return { done, all };
}

/** Waits until the page says this; polls, since nothing else tells when it has been drawn. */
export async function at(frame, done) {
  await frame.waitForFunction((done) => {
    const text = document.querySelector('[data-testid="position"]').textContent;
    const [found, all] = text.match(/\d[\d,]*/g).map((number) => Number(number.replaceAll(",", "")));
    return found === (done === "end" ? all : done);
  }, done);
}

/** The frame whose address begins so; waits until it is there. */
export async function frameAt(page, start) {
  const found = () => page.frames().find((frame) => frame.url().startsWith(start));
  while (!found()) await page.waitForEvent("framenavigated");
  return found();
}
