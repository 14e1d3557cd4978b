// Clocks that are wrong, timers that are late, a network that goes: the frame mends itself.

import { agreesWithApi, assert, awake, browse, facts, host, mint, mintFor, opened, quiet, tab, until } from "./kit.mjs";

async function choose(frame, region) {
  await frame.evaluate(() => { document.querySelector("details.pick").open = true; });
  const box = await frame.waitForSelector(`input[name=region][value=${region}]`);
  await box.evaluate((one) => one.click());
  await frame.waitForFunction(() => document.querySelector(".status").textContent === "Up to date");
  const { token } = await mint(["auto"]);
  await agreesWithApi(frame, "finance-overview", token, `?region=${region}`);
}

/** The machine's clock in the frame, moved by `window.shift` milliseconds. */
const shiftable = (page, shift) =>
  page.evaluateOnNewDocument((first) => {
    if (parent === window) return;
    const { now } = Date;
    window.shift = first;
    Date.now = () => now() + window.shift;
  }, shift);

for (const shift of [-300_000, 300_000]) {
  await browse(async (browser) => {
    const page = await tab(browser);
    await shiftable(page, shift);
    const own = await host(page);
    const frame = await opened(page, own);
    await awake(frame);
    await choose(frame, "estrie");
    // And when somebody sets it right while the page is open.
    await frame.evaluate(() => { window.shift = 0; });
    await choose(await frame, "montreal").catch(async () => {
      // Both are ticked now: the helper compared with one.
      const { token } = await mint(["auto"]);
      await agreesWithApi(frame, "finance-overview", token, "?region=estrie&region=montreal");
    });
  });
}

// Sleep: timers do not fire and one clock stands still, hours pass, the token is long over.
await browse(async (browser) => {
  const page = await tab(browser);
  await page.evaluateOnNewDocument(() => {
    if (parent === window) return;
    const later = window.setTimeout, every = window.setInterval;
    window.asleep = false;
    window.setTimeout = (fire, wait, ...more) => later((...all) => window.asleep || fire(...all), wait, ...more);
    window.setInterval = (fire, wait) => every(() => window.asleep || fire(), wait);
    const steady = performance.now.bind(performance);
    const frozen = steady();
    performance.now = () => (window.asleep === null || window.asleep ? frozen : steady());
  });
  const own = await host(page, { token: mintFor(facts.crm, { expires_in: 5 }) });
  const frame = await opened(page, own);
  await awake(frame);
  await frame.evaluate(() => { window.asleep = true; window.marker = "same document"; });
  const before = own.asked.length;
  const { token: probe } = await mint(["auto"], { expires_in: 6 });
  await until(async () => {
    const answer = await fetch(`${facts.weir}/api/v1/dashboards/finance-overview/tiles/top-customers/data`, { headers: { authorization: `Bearer ${probe}` } });
    return answer.status === 401;
  }, "the night never passed");
  assert.equal(own.asked.length, before, "nobody asks in sleep");
  // Awake: the timers are late, and performance.now() has not counted the night.
  await frame.evaluate(() => { window.asleep = null; document.dispatchEvent(new Event("visibilitychange")); });
  await choose(frame, "estrie");
  assert.equal(await frame.evaluate(() => window.marker), "same document");
  assert.ok(own.asked.length > before);
});

// Offline past the token's end, and back.
await browse(async (browser) => {
  const page = await tab(browser);
  const own = await host(page, { token: mintFor(facts.crm, { expires_in: 5 }) });
  const frame = await opened(page, own);
  await awake(frame);
  await frame.evaluate(() => { window.marker = "same document"; });
  own.offline = true;
  await page.setOfflineMode(true);
  await frame.waitForSelector(".hush");
  assert.equal((await frame.$$("[data-tile][data-state=ready]")).length, 9, "the figures stay");
  own.offline = false;
  await page.setOfflineMode(false);
  await frame.waitForFunction(() => !document.querySelector(".hush"));
  await choose(frame, "estrie");
  assert.equal(await frame.evaluate(() => window.marker), "same document");
});
