// A server that waits for nothing: every tile comes late, in the same response, scripts or not.

import { agreesWithApi, assert, browse, crm, facts, launchWithoutScript, mint, quiet, tab, tiles } from "./kit.mjs";

await browse(async (browser) => {
  const { token } = await mint(["auto"]);
  const page = await tab(browser);
  const { frame, response } = await launchWithoutScript(page, token);
  await frame.waitForFunction(() => document.querySelectorAll("main > [data-tile]").length === 9);
  const html = await response.text();
  assert.match(html, /<template shadowrootmode="open">.*data-state="pending".*<\/template>/s);
  assert.ok(html.indexOf("</template>") < html.indexOf('data-state="ready"'), "skeletons first");
  for (const tile of await tiles(frame)) assert.ok(tile.visible, tile.id);
  const bones = await frame.$eval("main", (main) => {
    const all = [...main.shadowRoot.querySelectorAll("[data-state=pending]")];
    return [all.length, all.filter((bone) => bone.checkVisibility()).length];
  });
  assert.deepEqual(bones, [9, 0], "each tile took the place of its skeleton");
  await agreesWithApi(frame, "finance-overview", token);
});

await browse(async (browser) => {
  const page = await tab(browser);
  const document = page.waitForResponse((response) => response.url() === `${facts.weir}/embed/finance-overview`);
  const frame = await crm(page, "analyst-home");
  const response = await document;
  const html = await response.text();
  assert.doesNotMatch(html.slice(0, 200), /data-weir/, "not settled when it began");
  const shown = await tiles(frame);
  assert.deepEqual([shown.length, shown.every((tile) => tile.state === "ready" && tile.visible)], [9, true]);
  quiet(page);
});
