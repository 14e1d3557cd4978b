// A server that waits for nothing: tiles come late, in the same response, scripts or not.

import { appears, agreesWithApi, assert, browse, crm, facts, launchWithoutScript, mint, quiet, tab, tiles } from "./kit.mjs";

await browse(async (browser) => {
  const { token } = await mint(["auto"]);
  const page = await tab(browser);
  const { frame, response } = await launchWithoutScript(page, token);
  await appears(frame, "main > [data-tile]:nth-of-type(9)");
  const html = await response.text();
  // A tile that is ready at once needs no skeleton, so on a quick machine there are fewer than nine.
  const late = html.match(/data-state="pending"/g)?.length ?? 0;
  assert.ok(/<template shadowrootmode="open">.*data-state="pending".*<\/template>/s.test(html), "skeletons come first");
  assert.ok(html.indexOf("</template>") < html.indexOf('data-state="ready"'), "answers come later");
  for (const tile of await tiles(frame)) assert.ok(tile.visible, tile.id);
  const bones = await frame.$eval("main", (main) => {
    const all = [...main.shadowRoot.querySelectorAll("[data-state=pending]")];
    return [all.length, all.filter((bone) => bone.checkVisibility()).length];
  });
  assert.deepEqual(bones, [late, 0], "each late tile took the place of its skeleton");
  await agreesWithApi(frame, "finance-overview", token);
});

await browse(async (browser) => {
  const page = await tab(browser);
  const document = page.waitForResponse((response) => response.url() === `${facts.weir}/embed/finance-overview`);
  const frame = await crm(page, "analyst-home");
  const response = await document;
  const html = await response.text();
  assert.ok(!html.slice(0, 200).includes("data-weir"), "not settled when it began");
  const shown = await tiles(frame);
  assert.deepEqual([shown.length, shown.every((tile) => tile.state === "ready" && tile.visible)], [9, true]);
  quiet(page);
});
