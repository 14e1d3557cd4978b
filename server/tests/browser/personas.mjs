// Switching the persona changes the numbers; somebody without a unit is told why there are none.

import { agreesWithApi, assert, browse, crm, framed, mint, quiet, tab, tiles } from "./kit.mjs";

const numbersOf = async (frame) => (await tiles(frame)).flatMap((tile) => tile.numbers);

await browse(async (browser) => {
  const page = await tab(browser);
  const auto = await numbersOf(await crm(page, "analyst-auto"));

  await Promise.all([page.waitForNavigation(), page.select("#persona", "analyst-home")]);
  const homeFrame = await framed(page);
  const home = await numbersOf(homeFrame);
  assert.notDeepEqual(home, auto);
  await agreesWithApi(homeFrame, "finance-overview", (await mint(["home"])).token);

  await Promise.all([page.waitForNavigation(), page.select("#persona", "newcomer")]);
  const shown = await tiles(await framed(page));
  assert.equal(shown.length, 9);
  for (const tile of shown) {
    assert.equal(tile.state, "withheld", tile.id);
    assert.match(tile.text, /Not available to you.*business unit.*Ask/s, tile.id);
    assert.deepEqual([tile.numbers, /\$|\d%/.test(tile.text)], [[], false], tile.id);
  }

  const french = await tiles(await crm(page, "newcomer", { locale: "fr-CA" }));
  for (const tile of french) assert.doesNotMatch(tile.text, /Not available|Ask /, tile.id);
  quiet(page);
});
