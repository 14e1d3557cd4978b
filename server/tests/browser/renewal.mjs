// A token lives seconds here instead of minutes; the page outlives it, whatever the host page does.

import { agreesWithApi, assert, awake, browse, heard, hears, host, mint, mintFor, opened, facts, record, tab, until } from "./kit.mjs";

const SHORT = mintFor(facts.crm, { expires_in: 5 });

/** What every call of the page carries. */
function carried(page) {
  const seen = new Set();
  page.on("request", (request) => {
    const { authorization } = request.headers();
    if (authorization?.startsWith("DPoP ")) seen.add(authorization);
  });
  return seen;
}

const upToDate = (frame) => frame.waitForFunction(() => document.querySelector(".status").textContent === "Up to date");

async function choose(frame, region) {
  await frame.evaluate(() => { document.querySelector("details.pick").open = true; });
  const box = await frame.waitForSelector(`input[name=region][value=${region}]`);
  await box.click();
  await upToDate(frame);
}

// Ten rotations with a filter set, a menu open and the page scrolled.
await browse(async (browser) => {
  const page = await tab(browser, { height: 500 });
  await record(page);
  const own = await host(page, { token: SHORT });
  const frame = await opened(page, own);
  await awake(frame);
  const tokens = carried(page);
  await choose(frame, "estrie");
  await frame.evaluate(() => { window.marker = "same document"; });
  await page.evaluate(() => scrollTo(0, 300));
  const height = await page.$eval("iframe", (one) => one.offsetHeight);

  await until(() => own.asked.length >= 11, "ten rotations never came");
  await until(() => tokens.size >= 10, "the fresh tokens were not used");
  const kept = await frame.evaluate(() => ({
    marker: window.marker,
    open: document.querySelector("details.pick").open,
    chosen: document.querySelector("input[name=region][value=estrie]").checked,
    hush: document.querySelector(".hush")?.textContent ?? null,
  }));
  assert.deepEqual(kept, { marker: "same document", open: true, chosen: true, hush: null });
  assert.equal(await page.$eval("iframe", (one) => one.offsetHeight), height, "nothing moved");
  assert.equal(await page.evaluate(() => scrollY), 300);
  // On a busy machine a token of five seconds may end before the next is there.
  assert.equal(own.asked[0].reason, "launch");
  for (const { reason } of own.asked.slice(1)) assert.match(reason, /^(expiring|expired|retry)$/);
  await choose(frame, "montreal");
  const { token } = await mint(["auto"]);
  await agreesWithApi(frame, "finance-overview", token, "?region=estrie&region=montreal");
  assert.deepEqual(await heard(page, "auth-lost"), []);
  // A call on a busy machine may outlive its token of five seconds: it is made once more, and the
  // browser notes the first.
  assert.deepEqual(page.complaints.filter((text) => !text.includes("401")), []);
});

// The host's back end hangs, then refuses, then answers late with a good token.
await browse(async (browser) => {
  const page = await tab(browser);
  await record(page);
  let answer = SHORT;
  const own = await host(page, { token: (question) => answer(question) });
  await page.evaluateOnNewDocument(() => {
    if (parent !== window) return;
    customElements.whenDefined("weir-dashboard").then((element) => {
      Object.assign(element.limits, { token: 400, backoff: 50, rest: 100 });
    });
  });
  const frame = await opened(page, own);
  await awake(frame);
  await frame.evaluate(() => { window.marker = "same document"; });
  const release = [];
  answer = () => new Promise((resolve) => release.push(resolve));
  await until(() => own.asked.length >= 3, "nobody asked again while the back end hung");
  answer = () => null;
  await hears(page, "error", ({ code }) => code === "token_refresh_failed");
  // Expired by now: the frame says so quietly, and only where its own page is.
  await frame.waitForSelector(".hush");
  assert.equal(await frame.$eval(".hush", (line) => line.textContent), "Reconnecting…");
  assert.equal(await page.$eval("weir-dashboard", (element) => element.dataset.state), "ready");
  assert.equal((await frame.$$("[data-tile][data-state=ready]")).length, 9, "the figures stay");
  // A choice made meanwhile is not lost: it waits, fails politely at worst, and is made up for.
  await frame.evaluate(() => { document.querySelector("details.pick").open = true; });
  answer = SHORT;
  await frame.waitForFunction(() => !document.querySelector(".hush"));
  await choose(frame, "estrie");
  const { token } = await mint(["auto"]);
  await agreesWithApi(frame, "finance-overview", token, "?region=estrie");
  assert.equal(await frame.evaluate(() => window.marker), "same document");
  // What the hanging calls say at last does no harm.
  for (const resolve of release) resolve(null);
});

// A token that the host page had lying about is spent: another one is asked for, at once.
await browse(async (browser) => {
  const page = await tab(browser);
  const spent = await SHORT({ dashboard: "finance-overview" });
  let again = 0;
  const own = await host(page, {
    token: (question) => (question.reason === "launch" || again++ === 0 ? spent : SHORT(question)),
  });
  const frame = await opened(page, own);
  await until(() => own.asked.some(({ reason }) => reason === "retry"), "the spent token was taken");
  await choose(frame, "estrie");
  const { token } = await mint(["auto"]);
  await agreesWithApi(frame, "finance-overview", token, "?region=estrie");
});
