// The frame lives without cookies, wherever browsers stand on third parties.

import { agreesWithApi, assert, awake, browse, crm, facts, mint, quiet, tab } from "./kit.mjs";

async function cookieless(browser) {
  const page = await tab(browser);
  const seen = [];
  const wire = await page.createCDPSession();
  await wire.send("Network.enable");
  const header = (headers, name) => Object.keys(headers).find((one) => one.toLowerCase() === name);
  wire.on("Network.requestWillBeSentExtraInfo", ({ headers, associatedCookies }) => {
    if (header(headers, "cookie") || associatedCookies.length) seen.push("a cookie was sent");
  });
  wire.on("Network.responseReceivedExtraInfo", ({ headers }) => {
    if (header(headers, "set-cookie")) seen.push(`set-cookie: ${headers[header(headers, "set-cookie")]}`);
  });
  const frame = await crm(page, "analyst-auto");
  await awake(frame);
  await frame.select("select[name=period]", await frame.$eval("select[name=period] option:not(:checked)", (o) => o.value));
  await frame.waitForFunction(() => document.querySelector(".status").textContent === "Up to date");
  assert.deepEqual(seen, []);
  const { cookies } = await wire.send("Storage.getCookies");
  assert.deepEqual(cookies, []);
  assert.equal(await frame.evaluate(() => document.cookie), "");
  quiet(page);
}

await browse(cookieless);
await browse(cookieless, "--test-third-party-cookie-phaseout");

// Even a member's own cookie, sent along by the browser, changes nothing about the frame.
await browse(async (browser) => {
  await browser.setCookie({ name: "weir_session", value: "planted", domain: new URL(facts.weir).hostname });
  const page = await tab(browser);
  const frame = await crm(page, "analyst-auto");
  await agreesWithApi(frame, "finance-overview", (await mint(["auto"])).token);
  quiet(page);
});
