// Access that is taken away while somebody looks: within five seconds every figure has left the
// document, and the host page knows why. A lockdown that is lifted heals by itself.

import { agreesWithApi, assert, awake, browse, facts, hears, host, mint, mintFor, opened, record, tab, until } from "./kit.mjs";

const FIVE_SECONDS = 5_000;

/** No figure and no name of the dashboard is in the frame's document. */
const empty = (frame) =>
  frame.evaluate(() => {
    const html = document.documentElement.outerHTML.replace(/<style.*?<\/style>/gs, "");
    return !/data-tile|<svg|Finance overview|Aperçu financier|\$/.test(html);
  });

/** How long after `since` the notice came. */
async function gone(frame, since, title) {
  await frame.waitForSelector(".gone");
  const passed = Date.now() - since;
  assert.ok(passed <= FIVE_SECONDS + 1000, `the figures left after ${passed} ms`);
  assert.equal(await frame.$eval(".gone h1", (heading) => heading.textContent), title);
  assert.equal(await empty(frame), true, "something of the dashboard is still in the document");
}

// A subject's tokens are revoked by the client that asked for them.
await browse(async (browser) => {
  const page = await tab(browser);
  await record(page);
  const subject = { sub: "somebody-who-leaves" };
  const own = await host(page, { token: mintFor(facts.crm, { subject }) });
  const frame = await opened(page, own);
  await awake(frame);
  const other = await tab(browser);
  const bystander = await opened(other, await host(other));
  const since = Date.now();
  const answer = await fetch(`${facts.weir}/api/v1/embed-tokens/revoke`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa("demo-crm:demo-crm-secret")}`, "content-type": "application/json" },
    body: JSON.stringify({ target: { subject }, reason: "left the company" }),
  });
  assert.ok(answer.ok, `revoking answered ${answer.status}`);
  await page.bringToFront();
  await gone(frame, since, "Access to this view was withdrawn");
  assert.deepEqual(await hears(page, "auth-lost"), { reason: "revoked" });
  assert.equal(await page.$eval("iframe", (one) => one.offsetHeight < 400), true, "the frame shrinks with its content");
  // Nobody else lost anything.
  await other.bringToFront();
  await agreesWithApi(bystander, "finance-overview", (await mint(["auto"])).token);
});

// A dashboard is locked, and opened again.
await browse(async (browser) => {
  const page = await tab(browser);
  await record(page);
  const own = await host(page, {
    html: `<!DOCTYPE html><title>Host</title><script type="module" src="${facts.weir}/sdk/weir.js"></script>
      <weir-dashboard dashboard="finance-overview" locale="fr-CA" theme="dark" token-url="/weir-token"></weir-dashboard>`,
  });
  const frame = await opened(page, own);
  await awake(frame);
  await page.evaluate(() => document.querySelector("weir-dashboard").setFilters({ region: ["estrie"] }));
  await frame.waitForSelector("input[name=region][value=estrie]:checked");
  await until(() => frame.$eval(".status", (line) => line.textContent === "À jour"), "the filter was not set");

  const context = await browser.createBrowserContext();
  const governor = await tab(context);
  await governor.goto(`${facts.weir}/login`);
  await Promise.all([governor.waitForNavigation(), governor.click('button[value="governor-1"]')]);
  const lockdown = (method, body) =>
    governor.evaluate(
      async (address, init) => (await fetch(address, init)).status,
      `${facts.weir}/api/v1/lockdowns/dashboard:finance-overview`,
      { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) },
    );
  await governor.goto(`${facts.weir}/`);
  await page.bringToFront();
  const since = Date.now();
  const locked = await lockdown("PUT", { reason: "a figure is being checked" });
  assert.ok(locked < 300, `locking answered ${locked}`);
  await gone(frame, since, "Cette vue est fermée pour le moment");
  assert.deepEqual(await hears(page, "auth-lost"), { reason: "locked" });
  assert.equal(await frame.$eval("html", (root) => root.dataset.theme), "dark");

  // A page that is opened meanwhile says the same.
  const late = await tab(browser);
  await record(late);
  const theirs = await host(late, { html: own.html });
  await late.goto(theirs.address);
  assert.deepEqual(await hears(late, "auth-lost"), { reason: "locked" });
  await late.close();

  await page.bringToFront();
  const lifted = await lockdown("DELETE");
  assert.ok(lifted < 300, `lifting answered ${lifted}`);
  await frame.waitForSelector("html[data-weir=settled] [data-tile=top-customers]");
  assert.ok(await frame.$("input[name=region][value=estrie]:checked"), "the filter is still set");
  assert.equal((await frame.$$("[data-tile][data-state=ready]")).length, 9);
});
