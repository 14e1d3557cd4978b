// Real users: a frame that is left tells, in numbers alone, how fast it was, and what it tells is what
// the browser measured.

import { assert, awake, browse, crm, facts, quiet, tab, until } from "./kit.mjs";

const SECRET = "a sentence that is nobody's business";

/** The browser's own last word on the frame's largest paint. */
const largest = (frame) => frame.evaluate(() => new Promise((resolve) => {
  const seen = [];
  const observer = new PerformanceObserver((list) => {
    seen.push(...list.getEntries());
    resolve(Math.round(seen.at(-1).startTime));
  });
  observer.observe({ type: "largest-contentful-paint", buffered: true });
}));

/** An admin's tab, signed in by the identity provider. */
async function admin(browser) {
  const page = await tab(await browser.createBrowserContext());
  await page.goto(`${facts.weir}/admin?locale=en-CA`);
  await Promise.all([page.waitForNavigation(), page.click('a.btn[href^="/login"]')]);
  await Promise.all([page.waitForNavigation(), page.click('button[value="governor-1"]')]);
  return page;
}

const vitals = async (governor) => (await governor.goto(`${facts.weir}/api/v1/vitals`)).json();

/** A frame that asks whether its access holds was bound before, and has the proof of its report at hand. */
const canReport = (page) => page.waitForResponse((answer) => answer.url().endsWith("/pulse") && answer.ok());

/** The answer once so many pages were reported. */
async function reported(governor, loads) {
  let said = null;
  const found = await until(async () => {
    said = await vitals(governor);
    return said.total.loads >= loads && said;
  }, `${loads} pages were not reported`);
  assert.equal(found.total.loads, loads, "each page reports once");
  return found;
}

/** The bucket that a time falls into holds a page. */
const holds = (answer, time) => answer.lcp_distribution.some(({ after_ms: after, up_to_ms: upTo, loads }) =>
  loads > 0 && time > after && (upTo === null || time <= upTo));

await browse(async (browser) => {
  const governor = await admin(browser);
  assert.equal((await vitals(governor)).total.loads, 0);

  // The reader does something, a script fails, the host page goes elsewhere.
  const page = await tab(browser);
  const frame = await crm(page, "analyst-auto");
  await awake(frame);
  const first = await largest(frame);
  assert.ok(first > 0, `the largest paint is known: ${first}`);
  await frame.click(".filters.awake summary");
  await frame.evaluate((words) => {
    setTimeout(() => { throw new TypeError(words); });
    // Browsers keep quiet about what a debugger's own scripts reject: this is what they would say.
    const reason = new Error(words), promise = Promise.reject(reason);
    promise.catch(() => {});
    dispatchEvent(new PromiseRejectionEvent("unhandledrejection", { promise, reason }));
  }, SECRET);
  await until(async () => page.complaints.length > 0, "the error was not thrown");
  // What was thrown is in this page's console, and goes nowhere else.
  assert.ok(page.complaints.splice(0).every((one) => one.includes(SECRET)));
  await canReport(page);
  await page.goto("about:blank");
  let answer = await reported(governor, 1);
  assert.ok(holds(answer, first), `${first} ms is not in ${JSON.stringify(answer.lcp_distribution)}`);
  const [series] = answer.series;
  assert.deepEqual(
    [series.dashboard, series.business_unit, series.host, answer.series.length],
    ["finance-overview", "auto", facts.crm, 1],
  );
  assert.notEqual(series.release, "other");
  for (const measure of ["lcp_ms", "fcp_ms", "ttfb_ms", "inp_ms", "cls_thousandths"]) {
    assert.ok(Number.isInteger(series[measure].p75), `${measure} was measured: ${JSON.stringify(series)}`);
  }
  assert.ok(series.ttfb_ms.p75 <= series.lcp_ms.p75, "nothing is shown before its first byte");
  assert.deepEqual([series.script_errors, series.promise_errors], [1, 1]);
  assert.ok(!JSON.stringify(answer).includes("nobody"), "not what was thrown");

  // A host page that takes its frame away is left too.
  const other = await crm(page, "analyst-home", { dashboard: "claims-operations" });
  await awake(other);
  const second = await largest(other);
  await canReport(page);
  await page.evaluate(() => document.querySelector("weir-dashboard").remove());
  answer = await reported(governor, 2);
  assert.ok(holds(answer, second), `${second} ms is not in ${JSON.stringify(answer.lcp_distribution)}`);
  assert.deepEqual(answer.business_units.map((one) => one.business_unit), ["auto", "home"]);
  assert.equal(answer.total.script_errors, 1);
  quiet(page);

  // And the page that shows it needs no script.
  await governor.goto(`${facts.weir}/admin/vitals?locale=en-CA`);
  const said = await governor.$eval("main", (main) => main.innerText);
  assert.match(said, /2 pages were fast enough|of 2 pages/, said);
  assert.match(said, /Claims operations/);
  assert.ok(said.includes(facts.crm), said);
});
