// The charts are in the first response; scripts and WebAssembly only add comfort.

import { appears, agreesWithApi, assert, browse, crm, facts, launchWithoutScript, mint, quiet, tab, tiles } from "./kit.mjs";

await browse(async (browser) => {
  const page = await tab(browser);
  const document = page.waitForResponse((response) => response.url() === `${facts.weir}/embed/finance-overview`);
  const frame = await crm(page, "analyst-auto");
  const response = await document;
  const html = await response.text();
  for (const tile of await tiles(frame)) {
    const at = html.indexOf(`data-tile="${tile.id}" data-state="ready"`);
    assert.ok(at > 0, `${tile.id} is in the first response`);
    const end = html.indexOf("</section>", at);
    const drawn = /class="body">.*<svg.*<(path|rect|circle) /s.test(html.slice(at, end));
    assert.ok(drawn || !tile.charts, `${tile.id} is drawn in the first response`);
  }
  assert.equal(response.headers()["cache-control"], "no-store, private");
  quiet(page);
});

// Readable with scripts off, by the same form post.
await browse(async (browser) => {
  const { token } = await mint(["auto"]);
  const page = await tab(browser);
  const { frame } = await launchWithoutScript(page, token);
  await appears(frame, "[data-tile=top-customers][data-state=ready]");
  const shown = await tiles(frame);
  assert.equal(shown.length, 9);
  for (const tile of shown) assert.ok(tile.visible, tile.id);
  await agreesWithApi(frame, "finance-overview", token);
});

// WebAssembly switched off: nobody notices, and the filters are still a form.
await browse(async (browser) => {
  const page = await tab(browser);
  await page.evaluateOnNewDocument(() => { delete globalThis.WebAssembly; });
  const frame = await crm(page, "analyst-auto");
  assert.equal(await frame.evaluate(() => typeof WebAssembly), "undefined");
  assert.equal(await frame.$eval(".apply", (button) => button.checkVisibility()), true);
  for (const tile of await tiles(frame)) assert.equal(tile.state, "ready");
  quiet(page);
});
