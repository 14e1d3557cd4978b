// Another origin that got hold of a token or a launch address can't frame the dashboard.

import { createServer } from "node:http";
import { once } from "node:events";
import { assert, browse, facts, mint, tab } from "./kit.mjs";

const TRIES = { form: "", sandboxed: ' sandbox="allow-forms allow-scripts"' };

const thief = createServer((request, response) => {
  response.writeHead(200, { "content-type": "text/html", "referrer-policy": "unsafe-url" });
  const url = new URL(request.url, "http://thief");
  const token = url.searchParams.get("token");
  const sandbox = TRIES[url.pathname.slice(1)] ?? "";
  response.end(
    url.pathname === "/code"
      ? `<iframe src="${url.searchParams.get("launch")}"></iframe>`
      : `<iframe name="loot"${sandbox}></iframe>
         <form method="post" target="loot" action="${facts.weir}/embed/finance-overview"><input name="token" value="${token}"></form>
         <script>document.forms[0].submit()</script>`,
  );
}).listen(0, "127.0.0.1");
await once(thief, "listening");
const lair = `http://127.0.0.1:${thief.address().port}`;

async function steals(browser, path, query) {
  const page = await tab(browser);
  const answered = page.waitForResponse((response) => response.url().startsWith(`${facts.weir}/embed/`));
  await page.goto(`${lair}/${path}?${new URLSearchParams(query)}`, { waitUntil: "networkidle0" });
  const response = await answered;
  const texts = await Promise.all(page.frames().map((frame) => frame.evaluate(() => document.documentElement.outerHTML)));
  await page.close();
  return { status: response.status(), headers: response.headers(), texts };
}

const empty = ({ texts }) => {
  for (const text of texts) assert.doesNotMatch(text, /data-tile|Finance overview/);
};

await browse(async (browser) => {
  const { token } = await mint(["auto"]);
  for (const path of Object.keys(TRIES)) {
    const loot = await steals(browser, path, { token });
    assert.equal(loot.status, 403, path);
    empty(loot);
  }
  // The address of a launch says nothing about who opens it; its answer does.
  const { launch_url: launch } = await mint(["auto"]);
  const loot = await steals(browser, "code", { launch });
  assert.match(loot.headers["content-security-policy"], new RegExp(`frame-ancestors ${facts.crm}(;|$)`));
  empty(loot);

  // Nor does a tab of its own show it.
  const page = await tab(browser);
  const again = await mint(["auto"]);
  const response = await page.goto(again.launch_url);
  assert.equal(response.status(), 403);
  assert.doesNotMatch(await page.content(), /data-tile/);
});
thief.close();
