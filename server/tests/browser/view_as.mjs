// An admin looks through somebody else's eyes: two pictures side by side, marked, with filters that
// work, and an end.

import { assert, awake, browse, facts, press, quiet, tab, tiles } from "./kit.mjs";

async function follow(page, selector) {
  await page.waitForSelector(selector);
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}

/** A session of a demo persona, on a page of Weir. */
async function signedIn(browser, persona, path) {
  const context = await browser.createBrowserContext();
  const page = await tab(context);
  await page.setExtraHTTPHeaders({ "accept-language": "en-CA" });
  await page.goto(`${facts.weir}${path}`);
  await follow(page, 'a.btn[href^="/login"]');
  await follow(page, `button[value="${persona}"]`);
  // The sign-in page answers 401, which the browser reports.
  page.complaints.length = 0;
  return page;
}

/** A draft in which nothing is held back any more, with a decision table that says so. */
const widen = (page) =>
  page.evaluate(async () => {
    const revision = await (await fetch("/api/v1/policies/revisions/1")).json();
    const { files } = revision;
    const path = "policies/statements.policy.yaml";
    files[path] = files[path].replace(/ {2}- id: litigation-hold\n.*\n/, "");
    files["policies/statements.test.yaml"] =
      "policy: gold.statements\ngiven: [{ id: one, business_unit: auto }]\n" +
      "cases: [{ name: nobody, as: { roles: [none] }, sees: denied }]\n";
    const answer = await fetch("/api/v1/policies/drafts", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ title: "Lift the hold", base: 1, files }),
    });
    return (await answer.json()).id;
  });

/**
 * The pictures' own header keeps them from downloading and from leading their page away. Browsers
 * warn that a page with scripts of the same origin could take an *attribute* away; no page can take
 * its header away.
 */
const onlySandboxed = (page) => {
  page.complaints = page.complaints.filter((text) => !text.includes("can escape its sandboxing"));
  quiet(page);
};

/** The dashboards in a page's frames, once no tile is pending. */
async function pictures(page) {
  const elements = await page.$$("iframe");
  const frames = await Promise.all(elements.map((element) => element.contentFrame()));
  for (const frame of frames) await frame.waitForSelector("html[data-weir=settled]");
  return frames;
}

const premium = async (frame) =>
  (await tiles(frame)).find((tile) => tile.id === "written-premium").exact;

await browse(async (browser) => {
  const member = await signedIn(browser, "analyst-auto", "/d/finance-overview?locale=en-CA");
  await member.waitForSelector("html[data-weir=settled]");
  const own = await premium(member);

  const page = await signedIn(browser, "governor-1", "/?locale=en-CA");
  const draft = await widen(page);
  await page.goto(`${facts.weir}/admin/view-as?locale=en-CA&persona=analyst-auto`);
  await page.select("select[name=dashboard]", "finance-overview");
  await page.select("select[name=compare]", `draft:${draft}`);
  await follow(page, "form.sheet button[type=submit]");

  const [first, second] = await pictures(page);
  assert.equal(await premium(first), own, "the very number that the analyst sees");
  assert.notEqual(await premium(second), own, "the draft lifts the hold");
  for (const frame of [first, second]) {
    const mark = await frame.$eval(".lens", (line) => [line.textContent, line.checkVisibility()]);
    assert.match(mark[0], /^Preview: .+ as Auto analyst · .+ · until /);
    assert.ok(mark[1]);
    assert.equal((await frame.$$(".veil span")).length, 12);
  }
  const more = await page.$$eval("#differences td, section td", (cells) => cells.map((one) => one.textContent));
  assert.ok(more.some((text) => /^\+[\d,]+ more$/.test(text.trim())), more.join(" | "));

  // Filters work in the picture, and offer what that person is offered.
  await awake(first);
  await press(first, "details.pick > summary");
  await (await first.waitForSelector("input[name=region][value=montreal]")).evaluate((box) => box.click());
  await first.waitForFunction(() => location.search.includes("region=montreal"));
  assert.notEqual(await premium(first), own);
  onlySandboxed(page);

  await follow(page, 'form[action*="/end"] button');
  assert.match(page.url(), /\/admin\/view-as\?/);
  assert.ok(first.detached, "the picture left with its page");
});
