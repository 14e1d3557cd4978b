// The main job: the CRM page on its own origin shows the dashboard, with the viewer's own numbers.

import { agreesWithApi, assert, awake, browse, crm, facts, mint, quiet, tab, tiles } from "./kit.mjs";

await browse(async (browser) => {
  const page = await tab(browser);
  const frame = await crm(page, "analyst-auto");
  assert.notEqual(new URL(frame.url()).origin, new URL(page.url()).origin);
  assert.equal(new URL(frame.url()).origin, facts.weir);
  assert.equal(new URL(frame.url()).search, "", "no secret in an address");

  const shown = await tiles(frame);
  assert.equal(shown.length, 9);
  for (const tile of shown) {
    assert.ok(tile.visible, `${tile.id} is visible`);
    assert.match(tile.trust, /\d{4}.*old.*Auto only|\d{4}.*Auto only/s, `${tile.id} says when and whose`);
  }
  const { token } = await mint(["auto"]);
  const compared = await agreesWithApi(frame, "finance-overview", token);
  assert.ok(compared > 100, `${compared} numbers compared`);

  // The token is nowhere in the document, and in no storage.
  const traces = await frame.evaluate(() => [
    document.documentElement.outerHTML.includes("eyJ"),
    localStorage.length + sessionStorage.length,
  ]);
  assert.deepEqual(traces, [false, 0]);

  // The frame is as high as its content, and follows it.
  await awake(frame);
  const heights = async () => [
    await frame.evaluate(() => Math.ceil(document.body.getBoundingClientRect().height)),
    await page.$eval("weir-dashboard iframe", (element) => element.getBoundingClientRect().height),
  ];
  const nextPicture = () => page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => resolve()); }));
  const follows = async () => {
    const end = Date.now() + 30_000;
    for (;;) {
      const [inner, outer] = await heights();
      if (Math.abs(inner - outer) < 2) return inner;
      assert.ok(Date.now() < end, `the frame stays ${outer} px high around ${inner} px`);
      await nextPicture();
    }
  };
  const wide = await follows();
  await page.setViewport({ width: 400, height: 900 });
  await frame.waitForFunction((was) => document.body.getBoundingClientRect().height > was + 200, {}, wide);
  const narrow = await follows();
  await page.setViewport({ width: 1280, height: 900 });
  await frame.waitForFunction((was) => document.body.getBoundingClientRect().height < was - 200, {}, narrow);
  assert.ok((await follows()) < narrow, "the frame shrinks again");

  // Nothing is wider than its window, down to the smallest phone.
  for (const width of [320, 768, 1280]) {
    await page.setViewport({ width, height: 900 });
    await frame.waitForFunction((most) => innerWidth <= most, {}, width);
    const wider = () => document.documentElement.scrollWidth - innerWidth;
    assert.deepEqual([await page.evaluate(wider), await frame.evaluate(wider)], [0, 0], `at ${width} px`);
  }
  for (const dashboard of ["claims-operations", "risk-exposure", "daily-metrics"]) {
    const other = await crm(page, "analyst-auto", { dashboard });
    const { token: own } = await mint(["auto"], { dashboard });
    await agreesWithApi(other, dashboard, own);
  }
  quiet(page);
});
