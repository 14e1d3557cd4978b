// Members: sign-in by the identity provider, the same dashboard, both languages, sign-out.

import { assert, browse, facts, follow, quiet, signIn, tab, tiles } from "./kit.mjs";

/** A sign-in page answers 401, which the browser reports; nothing else may be said. */
const onlyUnauthorized = (page) => {
  page.complaints = page.complaints.filter((text) => !text.includes("401"));
  quiet(page);
};

async function signedIn(browser, persona) {
  const context = await browser.createBrowserContext();
  const page = await tab(context);
  await page.setExtraHTTPHeaders({ "accept-language": "en-CA" });
  await signIn(page, persona, "/d/finance-overview?locale=en-CA");
  await page.waitForSelector("html[data-weir=settled]");
  const shown = await tiles(page);
  for (const tile of shown) assert.deepEqual([tile.state, tile.visible], ["ready", true], tile.id);
  return { page, shown };
}

await browse(async (browser) => {
  const auto = await signedIn(browser, "analyst-auto");
  const exec = await signedIn(browser, "exec");
  const premium = ({ shown }) => shown.find((tile) => tile.id === "written-premium").exact;
  assert.notEqual(premium(auto), premium(exec));
  assert.match(auto.shown[0].trust, /Auto only/);

  const { page } = auto;
  assert.equal(await page.$eval("html", (root) => root.lang), "en-CA");
  await follow(page, "a.lang");
  assert.equal(await page.$eval("html", (root) => root.lang), "fr-CA");
  await page.waitForSelector("html[data-weir=settled]");
  const french = await tiles(page);
  assert.equal(french[0].title, "Primes souscrites");
  assert.match(french[0].exact, /\d\s\d{3},\d\d\s\$/u);

  // The island works here with the session, and the address keeps the choice.
  await page.waitForSelector("html[data-islands=awake]");
  await page.click("details.pick > summary");
  await (await page.waitForSelector("input[name=region][value=montreal]")).click();
  await page.waitForFunction(() => location.search.includes("region=montreal"));
  const chosen = await tiles(page);
  assert.notEqual(chosen[0].exact, french[0].exact);

  await page.goto(`${facts.weir}/?locale=en-CA`);
  assert.equal((await page.$$(".card")).length, 4);
  onlyUnauthorized(page);

  await follow(page, "form[action='/logout'] button");
  await page.waitForFunction((weir) => location.origin === weir && location.pathname === "/signed-out", {}, facts.weir);
  const after = await page.goto(`${facts.weir}/d/finance-overview`);
  assert.equal(after.status(), 401);
  assert.equal((await tiles(page)).length, 0);
  onlyUnauthorized(page);
  onlyUnauthorized(exec.page);
});
