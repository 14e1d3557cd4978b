// A token ends after five minutes; the page outlives it. Time is shortened by firing the frame's long
// timers at once.

import { agreesWithApi, assert, awake, browse, crm, mint, quiet, tab } from "./kit.mjs";

await browse(async (browser) => {
  const page = await tab(browser);
  await page.evaluateOnNewDocument(() => {
    if (!location.pathname.startsWith("/embed/")) return;
    const later = window.setTimeout;
    const waiting = [];
    window.expire = () => waiting.splice(0).forEach((fire) => fire());
    window.setTimeout = (fire, wait, ...more) => (wait > 60_000 ? waiting.push(fire) : later(fire, wait, ...more));
  });
  const asked = [];
  page.on("request", (request) => request.url().endsWith("/weir-token") && asked.push(request.postData()));
  const frame = await crm(page, "analyst-auto");
  await awake(frame);
  const pick = async (region) => {
    await frame.click("details.pick > summary");
    await frame.click(`input[name=region][value=${region}]`);
    await frame.click("details.pick > summary");
    await frame.waitForFunction(() => document.querySelector(".status").textContent === "Up to date");
  };
  await frame.click("details.pick > summary");
  await frame.waitForSelector("input[name=region][value=estrie]");
  await frame.click("details.pick > summary");
  await pick("estrie");
  const first = await frame.evaluate(() => window.__weir.token());
  const { token } = await mint(["auto"]);
  await agreesWithApi(frame, "finance-overview", token, "?region=estrie");

  await frame.evaluate(() => { window.marker = "same document"; });
  await frame.evaluate(() => window.expire());
  await frame.waitForFunction((old) => window.__weir.token() !== old, {}, first);
  assert.equal(asked.length, 2, "one token for the launch, one for the renewal");

  const chosen = await frame.$eval("input[name=region][value=estrie]", (box) => box.checked);
  assert.deepEqual([chosen, await frame.evaluate(() => window.marker)], [true, "same document"]);
  await agreesWithApi(frame, "finance-overview", token, "?region=estrie");

  // The next call carries the fresh token.
  const fresh = await frame.evaluate(() => window.__weir.token());
  const carried = page.waitForRequest((request) => request.url().includes("/tiles/"));
  await frame.click("details.pick > summary");
  await frame.click("input[name=region][value=montreal]");
  assert.equal((await carried).headers().authorization, `Bearer ${fresh}`);
  await frame.waitForFunction(() => document.querySelector(".status").textContent === "Up to date");
  await agreesWithApi(frame, "finance-overview", token, "?region=estrie&region=montreal");
  quiet(page);
});
