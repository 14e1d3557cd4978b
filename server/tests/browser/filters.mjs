// The filter bar: in place with its island awake, and as a plain form without any script.

import { appears, agreesWithApi, api, assert, awake, browse, crm, facts, launchWithoutScript, mint, press, quiet, tab, tiles } from "./kit.mjs";

const done = (frame) => frame.waitForFunction(() => document.querySelector(".status").textContent === "Up to date");

await browse(async (browser) => {
  const page = await tab(browser);
  const frame = await crm(page, "analyst-auto");
  await awake(frame);
  const before = await tiles(frame);
  const launches = [];
  page.on("request", (request) => request.isNavigationRequest() && launches.push(request.url()));
  await frame.evaluate(() => { window.marker = "same document"; });

  await frame.click("details.pick > summary");
  const box = await frame.waitForSelector("input[name=region][value=montreal]");
  await box.click();
  await done(frame);
  assert.deepEqual([launches, await frame.evaluate(() => window.marker)], [[], "same document"]);
  assert.notDeepEqual(await tiles(frame), before);
  const { token } = await mint(["auto"]);
  await agreesWithApi(frame, "finance-overview", token, "?region=montreal");

  // Escape closes the menu and gives the focus back.
  await page.keyboard.press("Escape");
  assert.equal(await frame.$eval("details.pick", (menu) => menu.open), false);
  assert.equal(await frame.evaluate(() => document.activeElement.tagName), "SUMMARY");
  quiet(page);
});

await browse(async (browser) => {
  const { token } = await mint(["auto"]);
  await api("finance-overview/filters/region/values", token);
  const page = await tab(browser);
  const { frame } = await launchWithoutScript(page, token);
  await appears(frame, "[data-tile=top-customers]");
  await press(frame, "details.pick > summary");
  await press(frame, "input[name=region][value=estrie]");
  const posted = page.waitForResponse((response) => response.request().method() === "POST");
  await press(frame, ".apply");
  const response = await posted;
  assert.deepEqual([response.status(), response.url()], [200, `${facts.weir}/embed/finance-overview`]);
  await appears(frame, "input[name=region][value=estrie]:checked");
  await appears(frame, "[data-tile=top-customers]");
  await agreesWithApi(frame, "finance-overview", token, "?region=estrie");
});
