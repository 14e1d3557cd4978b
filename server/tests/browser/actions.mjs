// What a host page hears and says: every event, every action, two dashboards on one page, under the
// strictest policy a host can have.

import { agreesWithApi, assert, awake, browse, facts, framed, heard, hears, host, mint, mintFor, opened, quiet, record, tab, until } from "./kit.mjs";

const STRICT = {
  "content-security-policy":
    `default-src 'none'; script-src ${facts.weir}; frame-src ${facts.weir}; connect-src 'self'; ` +
    `form-action ${facts.weir}; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'`,
  "referrer-policy": "strict-origin",
};
const TWO = `<!DOCTYPE html><html lang="fr"><meta charset="utf-8"><title>Host</title>
<script type="module" src="${facts.weir}/sdk/weir.js"></script>
<weir-dashboard id="one" dashboard="finance-overview" locale="en-CA" token-url="/weir-token"></weir-dashboard>
<weir-dashboard id="two" dashboard="claims-operations" locale="fr-CA" theme="dark" token-url="/weir-token"></weir-dashboard></html>`;

const settled = (page, id) => async () => {
  const element = await page.$(`#${id}[data-state=ready] iframe`);
  const frame = await element?.contentFrame();
  return (await frame?.$("html[data-weir=settled]")) && frame;
};

await browse(async (browser) => {
  const page = await tab(browser);
  await record(page);
  const mayExport = mintFor(facts.crm, { rights: ["export_csv"] });
  const own = await host(page, { html: TWO, headers: STRICT, token: mayExport });
  await page.goto(own.address);
  const one = await until(settled(page, "one"), "the first dashboard never settled");
  const two = await until(settled(page, "two"), "the second dashboard never settled");
  assert.equal(await two.$eval("html", (root) => `${root.lang} ${root.dataset.theme}`), "fr-CA dark");
  // The second one is below the fold: browsers do not measure what nobody has seen.
  const loaded = await until(
    () => page.evaluate(() => window.heard.find(({ type, id }) => type === "loaded" && id === "one")?.detail),
    "the first dashboard never said that it is loaded",
  );
  assert.equal(loaded.tiles, 9);
  assert.ok(loaded.lcp_ms > 0 && loaded.lcp_ms < 60_000, `lcp_ms is ${loaded.lcp_ms}`);
  await awake(one);

  // Filters by the reader are heard by the page; filters by the page are set in place.
  await one.evaluate(() => { window.marker = "same document"; });
  await page.evaluate(() => document.querySelector("#one").setFilters({ region: ["estrie"], nonsense: ["x"], __proto__: { period: 1 } }));
  const changed = await hears(page, "filter-changed", (detail) => detail.filters.region.length === 1);
  assert.deepEqual(changed.filters.region, ["estrie"]);
  await one.waitForFunction(() => document.querySelector(".status").textContent === "Up to date");
  assert.equal(await one.evaluate(() => window.marker), "same document");
  const { token } = await mint(["auto"]);
  await agreesWithApi(one, "finance-overview", token, "?region=estrie");
  assert.deepEqual(await two.$$eval("input[name=region]:checked", (boxes) => boxes.length), 0);

  // A value that the control does not offer is the server's to judge: it opens nothing.
  await page.evaluate(() => document.querySelector("#one").setFilters({ region: ["atlantis"] }));
  await until(async () => (await one.$("[data-tile=top-customers] .note").catch(() => null)), "no tile became empty");
  await page.evaluate(() => document.querySelector("#one").setFilters({ region: [], period: { from: "2026-01-01", to: "2026-03-31" } }));
  await hears(page, "filter-changed", ({ filters }) => filters.period.from === "2026-01-01" && !filters.region.length);
  await one.waitForSelector("option[value='2026-01-01..2026-03-31']:checked");
  await one.waitForSelector("html[data-weir=settled]");
  await agreesWithApi(one, "finance-overview", token, "?from=2026-01-01&to=2026-03-31");

  // Colours change in place, the language with a new document that keeps the filters.
  await awake(one);
  await page.evaluate(() => document.querySelector("#one").setTheme("dark"));
  await one.waitForSelector("html[data-theme=dark]");
  await page.evaluate(() => document.querySelector("#one").setLocale("fr-CA"));
  await one.waitForSelector("html[lang=fr-CA][data-theme=dark]");
  await one.waitForSelector("option[value='2026-01-01..2026-03-31']:checked");
  await awake(one);

  // Anew: every tile is asked for.
  const asked = page.waitForRequest((request) => /\/embed\/finance-overview\/tiles\//.test(request.url()));
  await page.evaluate(() => document.querySelector("#one").refresh());
  await asked;

  // Printing is the frame's own.
  await one.evaluate(() => { window.print = () => { window.printed = true; }; });
  await page.evaluate(() => document.querySelector("#one").print());
  await one.waitForFunction(() => window.printed);

  // Of files the host is told.
  await one.$eval("[data-tile=top-customers] [data-export]", (link) => link.click());
  assert.deepEqual(await hears(page, "export"), { tile: "top-customers", format: "csv" });

  // Links to other dashboards are the host's to follow. They are put in and pressed at once: tiles that
  // were asked for anew may take the place of those that hold them.
  const presses = (link) => one.evaluate((link) => {
    document.querySelector("[data-tile=top-customers]").insertAdjacentHTML("beforeend", link);
    document.querySelector("[data-tile=top-customers] > a:last-child").click();
  }, link);
  await page.evaluate(() => document.querySelector("#one").addEventListener("navigate", (event) => event.preventDefault(), { once: true }));
  await presses('<a data-dashboard="risk-exposure">y</a>');
  assert.deepEqual(await hears(page, "navigate"), { dashboard: "risk-exposure" });
  assert.equal(await page.$eval("#one", (element) => element.getAttribute("dashboard")), "finance-overview");
  await presses('<a data-dashboard="risk-exposure">y</a>');
  await until(async () => (await settled(page, "one")())?.evaluate(() => document.querySelector("#weir-filters").action.endsWith("risk-exposure")).catch(() => false), "the other dashboard never opened");

  assert.deepEqual(await heard(page, "error"), []);
  assert.deepEqual(await heard(page, "auth-lost"), []);
  quiet(page);
});

// What was chosen before the frame was there arrives too.
await browse(async (browser) => {
  const page = await tab(browser);
  await record(page);
  const early = `<script type="module">await customElements.whenDefined("weir-dashboard");
    document.querySelector("weir-dashboard").setFilters({ region: ["estrie"] });</script>`;
  const html = TWO.replace(/<weir-dashboard id="two".*?<\/weir-dashboard>/s, early);
  const own = await host(page, { html });
  const frame = await opened(page, own);
  await hears(page, "filter-changed", ({ filters }) => filters.region[0] === "estrie");
  await frame.waitForSelector("input[name=region][value=estrie]:checked");
  await framed(page);
});
