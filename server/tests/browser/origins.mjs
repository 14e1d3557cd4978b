// F65: a dashboard shows in the page it was issued for, and in no other, however alike.
//
// Chromium with third-party cookies switched off and storage partitioned. Pages of https origins come
// from the test itself (see `host`), so that no certificate is needed; Weir is on loopback, which
// browsers trust like https.

import { DASHBOARD, agreesWithApi, assert, browse, facts, host, mint, mintFor, opened, quiet, tab, until } from "./kit.mjs";

const CRM = "https://crm.example";
const CLIENT = { client: "far-away:far-away-secret" };
const token = mintFor(CRM, CLIENT);
const FLAGS = ["--test-third-party-cookie-phaseout", "--enable-features=ThirdPartyStoragePartitioning"];

/** Nothing of a dashboard is in any frame of the page. */
async function nothing(page, name) {
  for (const frame of page.frames()) {
    const html = await frame.content().catch(() => "");
    assert.doesNotMatch(html, /data-tile|Finance overview/, `${name}: ${frame.url()}`);
  }
}

// The origin itself, across sites and over https.
await browse(async (browser) => {
  const page = await tab(browser);
  const own = await host(page, { origin: CRM, token });
  const frame = await opened(page, own);
  await agreesWithApi(frame, "finance-overview", (await mint(["auto"])).token);
  // The browser is as strict as it can be: what the frame stores is its own under this host only,
  // and it has no cookie to lose.
  const cookies = await frame.evaluate(() => { document.cookie = "probe=1; SameSite=None; Secure"; return document.cookie; });
  assert.equal(cookies, "", "third-party cookies are off in this browser");
  quiet(page);
}, ...FLAGS);

const OTHERS = {
  "a sibling sub-domain": "https://www.crm.example",
  "the parent domain": "https://example",
  "http instead of https": "http://crm.example",
  "another port": "https://crm.example:8443",
  "a look-alike": "https://crm.example.evil.example",
  "a look-alike letter": "https://cṛm.example",
};

for (const [name, origin] of Object.entries(OTHERS)) {
  await browse(async (browser) => {
    const page = await tab(browser);
    const answers = [];
    page.on("response", (response) => response.url().startsWith(`${facts.weir}/embed/`) && answers.push(response.status()));
    // The stranger has a good token of the real host, and Weir's own script.
    const own = await host(page, { origin: new URL(origin).origin, token });
    await page.goto(own.address);
    await until(() => answers.length, `${name}: nothing was launched`);
    assert.equal(answers[0], 403, name);
    await nothing(page, name);
    // Refused before it was looked at: the token still opens for whom it was meant.
    assert.ok(own.asked.length >= 1);
  }, ...FLAGS);
}

// Sandboxed: its origin is `null`, and that is nobody's.
await browse(async (browser) => {
  const page = await tab(browser);
  const stolen = await mint(["auto"], { origin: CRM, ...CLIENT });
  const inner = `<form method=post target=loot action='${facts.weir}/embed/finance-overview'><input name=token value='${stolen.token}'></form>` +
    "<iframe name=loot></iframe><script>document.forms[0].submit()</script>";
  const html = `<!DOCTYPE html><title>Host</title><iframe sandbox="allow-scripts allow-forms" srcdoc="${inner.replaceAll('"', "&quot;")}"></iframe>`;
  const answered = page.waitForResponse((response) => response.url().startsWith(`${facts.weir}/embed/`));
  await page.goto((await host(page, { origin: CRM, html, token })).address);
  assert.equal((await answered).status(), 403);
  await nothing(page, "sandboxed");
}, ...FLAGS);

// A frame of the right host inside a stranger's page: every ancestor has to be the token's origin.
await browse(async (browser) => {
  const page = await tab(browser);
  const stranger = "https://evil.example";
  const theirs = (request) => new URL(request.url()).origin === stranger;
  const own = await host(page, { origin: CRM, token, leave: theirs, headers: { "referrer-policy": "unsafe-url" } });
  page.on("request", (request) => {
    if (!theirs(request)) return;
    request.respond({ contentType: "text/html", body: `<!DOCTYPE html><title>Evil</title><iframe src="${own.address}" width=900 height=900></iframe>` });
  });
  const blocked = page.waitForResponse((response) => response.url() === `${facts.weir}/embed/finance-overview`);
  await page.goto(`${stranger}/`);
  const answer = await blocked;
  // Refused for its origin, or answered for the one origin that may frame it: the browser then keeps
  // it from a page below another.
  if (answer.status() !== 403) {
    assert.match(answer.headers()["content-security-policy"], new RegExp(`frame-ancestors ${CRM}(;|$)`));
    await until(() => page.complaints.some((text) => text.includes("frame-ancestors")), "the nested frame was not blocked");
  }
  await nothing(page, "nested");
}, ...FLAGS);

// Everything that is not for frames is framed by nobody, not even by a host that embeds.
await browse(async (browser) => {
  const page = await tab(browser);
  const html = DASHBOARD.replace(/<weir-dashboard.*<\/weir-dashboard>/, `<iframe src="${facts.weir}/"></iframe><iframe src="${facts.weir}/login"></iframe>`);
  const own = await host(page, { origin: CRM, html, token });
  await page.goto(own.address);
  const kept = () => page.complaints.filter((text) => /frame-ancestors|X-Frame-Options/.test(text)).length >= 2;
  await until(kept, "Weir's own pages can be framed");
  await nothing(page, "Weir's own pages");
});
