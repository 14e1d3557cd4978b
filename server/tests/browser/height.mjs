// F67: the frame is as high as its content at every width and zoom, without a loop.

import { assert, browse, heard, host, opened, quiet, record, tab, until } from "./kit.mjs";

/** The same widths every time, in an order that nobody chose. */
function* widths(count) {
  let seed = 20_261_121;
  for (let at = 0; at < count; at += 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield 320 + (seed % 1300);
  }
}

const fits = (page, frame) => async () => {
  const content = await frame.evaluate(() => Math.ceil(document.body.getBoundingClientRect().height));
  const given = await page.$eval("iframe", (one) => one.offsetHeight);
  return Math.abs(content - given) < 2;
};

/** No task of layout or message is left: two frames of both documents have been drawn. */
async function drawn(page, frame) {
  for (const context of [page, frame, page, frame]) {
    await context.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }
}

for (const zoom of [1, 1.1, 0.67]) {
  await browse(async (browser) => {
    const page = await tab(browser);
    await record(page);
    const own = await host(page);
    const frame = await opened(page, own);
    await page.evaluate((factor) => { document.documentElement.style.zoom = factor; }, zoom);
    await until(fits(page, frame), "the first height never fitted");
    let before = null;
    for (const width of [...widths(24), 1600, 320, 1600]) {
      const count = (await heard(page, "resized")).length;
      await page.setViewport({ width, height: 700 });
      await until(fits(page, frame), `at ${width} px the frame is not as high as its content`);
      await drawn(page, frame);
      const said = (await heard(page, "resized")).length - count;
      assert.ok(said <= 2, `${said} heights for one change to ${width} px at zoom ${zoom}`);
      before = width;
    }
    // It shrinks again: the widest is the lowest.
    const low = await page.$eval("iframe", (one) => one.offsetHeight);
    await page.setViewport({ width: 320, height: 700 });
    await until(async () => (await page.$eval("iframe", (one) => one.offsetHeight)) > low, "narrow is not higher than wide");
    await page.setViewport({ width: before, height: 700 });
    await until(async () => (await page.$eval("iframe", (one) => one.offsetHeight)) === low, "it does not shrink");
    quiet(page);
  });
}
