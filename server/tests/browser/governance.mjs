// Governance: three admins carry a change from draft to live through the portal's plain forms, whose
// scripts are switched off; an open embed shows it within five seconds, and shows the old state again
// once they rolled it back.

import { assert, browse, crm, facts, framed, quiet, tab, tiles } from "./kit.mjs";

const FIVE_SECONDS = 5_000;
const HELD = "forbid: { legal_hold: { eq: true } }";
const NARROWER = "forbid: { all: [{ legal_hold: { eq: true } }, { region: { eq: montreal } }] }";

/** Clicks what leads to another page. */
async function follow(page, selector) {
  const link = await page.waitForSelector(selector);
  await Promise.all([page.waitForNavigation(), link.click()]);
}

/** The button or link that says exactly this. */
const saying = (words) => `::-p-xpath(//main//*[self::a or self::button][normalize-space()="${words}"])`;

const text = (page) => page.$eval("main", (main) => main.innerText);

/** An admin's tab, signed in by the identity provider, its scripts off. */
async function admin(browser, persona) {
  const context = await browser.createBrowserContext();
  const page = await tab(context);
  await page.setExtraHTTPHeaders({ "accept-language": "en-CA" });
  await page.setJavaScriptEnabled(false);
  await page.goto(`${facts.weir}/admin?locale=en-CA`);
  await follow(page, 'a.btn[href^="/login"]');
  await follow(page, `button[value="${persona}"]`);
  assert.equal(page.url(), `${facts.weir}/admin?locale=en-CA`);
  return page;
}

/** What the open embed says the written premium is, after a refresh. */
async function premium(host) {
  await host.reload();
  const frame = await framed(host);
  const tile = (await tiles(frame)).find((one) => one.id === "written-premium");
  return tile.exact;
}

/** Refreshes the embed until it says something else than `before`, for five seconds at most. */
async function changes(host, before, since) {
  for (;;) {
    const now = await premium(host);
    const passed = Date.now() - since;
    if (now !== before) {
      assert.ok(passed <= FIVE_SECONDS, `the embed showed it after ${passed} ms`);
      return now;
    }
    assert.ok(passed <= FIVE_SECONDS, `the embed still shows ${before} after ${passed} ms`);
  }
}

async function publish(page, words) {
  const since = Date.now();
  await follow(page, saying(words));
  assert.match(await text(page), /Published\. It is in force everywhere/);
  return since;
}

await browse(async (browser) => {
  const host = await tab(browser);
  await crm(host, "analyst-auto");
  const before = await premium(host);
  const [first, second, third] = [
    await admin(browser, "governor-1"),
    await admin(browser, "governor-2"),
    await admin(browser, "governor-3"),
  ];

  // Governor 1 opens a draft, narrows what is withheld, and reads for whom that opens rows.
  await follow(first, 'nav a[href^="/admin/policies"]');
  await follow(first, saying("Statements"));
  await follow(first, saying("Change this policy"));
  const draft = first.url().split("?")[0];
  const policy = await first.$eval("textarea[name=text]", (area) => area.value);
  assert.ok(policy.includes(HELD), policy);
  await first.$eval(
    "form.editor",
    (form, title, written) => {
      form.elements.title.value = title;
      form.elements.text.value = written;
    },
    "Withhold litigation in Montréal only",
    policy.replace(HELD, NARROWER),
  );
  await follow(first, saying("Save and check"));
  const checked = await text(first);
  assert.match(checked, /lets somebody see more/);
  assert.match(checked, /would newly see rows of Statements/);
  assert.match(checked, /Counted on the data of/);
  assert.match(checked, /Auto analyst/);
  await follow(first, saying("Submit for review"));
  assert.equal(await first.$(saying("Approve and let somebody see more")), null, "not one’s own work");

  // Two others approve: it lets somebody see more.
  for (const page of [second, third]) {
    await follow(page, 'nav a[href^="/admin?"]');
    await follow(page, saying("Review"));
    assert.equal(page.url().split("?")[0], draft);
    assert.equal(await page.$(saying("Publish now")), null, "not before it is approved");
    await follow(page, saying("Approve and let somebody see more"));
  }
  await follow(third, saying("Check again"));
  const published = await publish(third, "Publish and widen access for 7 units");
  const opened = await changes(host, before, published);

  // Going back closes the rows again: one approval, and the old state is on the screen.
  await second.goto(`${facts.weir}/admin/revisions/1?locale=en-CA`);
  await follow(second, saying("Roll back to this revision"));
  const back = second.url().split("?")[0];
  await follow(second, saying("Submit for review"));
  await first.goto(`${back}?locale=en-CA`);
  await follow(first, saying("Approve this version"));
  const rolled = await publish(first, "Publish now");
  assert.equal(await changes(host, opened, rolled), before);

  await first.goto(`${facts.weir}/admin/audit?kind=policy_step&locale=en-CA`);
  assert.match(await text(first), /published/);
  quiet(host);
});
