// F63: twelve hours are over. The figures stay, a quiet line asks, one press goes on where the reader
// was. The server's half of it is proven elsewhere: here its answer is played.

import { assert, awake, browse, facts, hears, host, mintFor, opened, record, tab, until } from "./kit.mjs";

for (const [locale, line, label] of [["en-CA", /open for a long time/, "Continue"], ["fr-CA", /ouverte depuis longtemps/, "Poursuivre"]]) {
  await browse(async (browser) => {
    const page = await tab(browser);
    await record(page);
    let over = false;
    page.on("request", (request) => {
      if (!over || !request.url().startsWith(`${facts.weir}/embed/finance-overview/bind`)) return;
      request.respond({ status: 401, contentType: "application/problem+json", body: JSON.stringify({ code: "session-ended" }) });
    });
    const own = await host(page, {
      html: `<!DOCTYPE html><title>Host</title><script type="module" src="${facts.weir}/sdk/weir.js"></script>
        <weir-dashboard dashboard="finance-overview" locale="${locale}" token-url="/weir-token"></weir-dashboard>`,
      token: mintFor(facts.crm, { expires_in: 5 }),
      leave: (request) => over && request.url().endsWith("/bind"),
    });
    const frame = await opened(page, own);
    await awake(frame);
    await page.evaluate(() => document.querySelector("weir-dashboard").setFilters({ region: ["estrie"] }));
    await frame.waitForSelector("input[name=region][value=estrie]:checked");
    await frame.evaluate(() => { window.marker = "same document"; });
    over = true;
    assert.deepEqual(await hears(page, "auth-lost"), { reason: "session_ended" });
    await frame.waitForSelector(".hush button");
    assert.match(await frame.$eval(".hush", (one) => one.textContent), line);
    assert.equal(await frame.$eval(".hush button", (one) => one.textContent), label);
    assert.equal((await frame.$$("[data-tile][data-state=ready]")).length, 9, "the figures stay");
    over = false;
    await frame.click(".hush button");
    await frame.waitForFunction(() => !document.querySelector(".hush"));
    await until(() => own.asked.some(({ reason }) => reason === "reauthenticate"), "the host was not told why");
    await page.evaluate(() => document.querySelector("weir-dashboard").setFilters({ region: ["estrie", "montreal"] }));
    await frame.waitForSelector("input[name=region][value=montreal]:checked");
    assert.equal(await frame.evaluate(() => window.marker), "same document");
  });
}
