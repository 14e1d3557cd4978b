// Another origin that got hold of a token or a launch address can't frame the dashboard.

import { createServer } from "node:http";
import { once } from "node:events";
import { assert, awake, browse, crm, facts, mint, tab } from "./kit.mjs";

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

// F62: tokens and proofs that were copied from a living frame open nothing anywhere else.
await browse(async (browser) => {
  const page = await tab(browser);
  const carried = [];
  const posted = [];
  page.on("request", (request) => {
    const { authorization, dpop } = request.headers();
    if (authorization?.startsWith("DPoP ") && request.url().includes("/tiles/")) carried.push({ url: request.url(), authorization, dpop });
    if (request.method() === "POST" && request.url() === `${facts.weir}/embed/finance-overview`) posted.push(new URLSearchParams(request.postData()).get("token"));
  });
  const frame = await crm(page, "analyst-auto");
  await awake(frame);
  const narrow = async (region) => {
    await frame.evaluate(() => { document.querySelector("details.pick").open = true; });
    const box = await frame.waitForSelector(`input[name=region][value=${region}]`);
    await box.click();
    await frame.waitForFunction(() => document.querySelector(".status").textContent === "Up to date");
  };
  await narrow("estrie");
  const [{ url, authorization, dpop }] = carried;
  const token = authorization.slice("DPoP ".length);
  const data = `${facts.weir}/api/v1/dashboards/finance-overview/tiles/top-customers/data`;
  const refused = async (what, address, headers, init = {}) => {
    const answer = await fetch(address, { ...init, headers });
    const text = await answer.text();
    assert.equal(answer.status, 401, what);
    assert.doesNotMatch(text, /data-tile|"rows"/, what);
  };
  await refused("the same call again", url, { authorization, dpop });
  await refused("the proof for another call", data, { authorization, dpop });
  await refused("the token without a proof", data, { authorization });
  await refused("the token as a bearer", data, { authorization: `Bearer ${token}` });
  await refused("a proof with a key of one's own", data, { authorization, dpop: await forge("GET", data, token) });
  const form = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-dest": "iframe", "sec-fetch-site": "same-origin", accept: "text/html" };
  const launch = `${facts.weir}/embed/finance-overview`;
  const post = (fields) => ({ method: "POST", body: new URLSearchParams(fields) });
  await refused("the frame's token in a launch", launch, form, post({ token }));
  await refused("the same with a forged proof", launch, form, post({ token, proof: await forge("POST", launch, token) }));
  await refused("the launch token, which is spent", launch, { ...form, origin: facts.crm }, post({ token: posted[0] }));
  await refused("the launch token on data", data, { authorization: `Bearer ${posted[0]}` });
  await refused("the launch token bound again", `${launch}/bind`, { authorization: `Bearer ${posted[0]}`, dpop: await forge("POST", `${launch}/bind`, posted[0]) }, { method: "POST" });

  // Neither the page nor whoever reads it later can copy the key, and no address ever held a token.
  const leaks = await frame.evaluate(() => ({
    html: document.documentElement.outerHTML,
    history: location.href + document.referrer,
    globals: Object.keys(window.__weir).join(),
    stored: [localStorage.length, sessionStorage.length],
  }));
  assert.doesNotMatch(leaks.html + leaks.history, /eyJ/);
  assert.deepEqual([leaks.globals, leaks.stored], ["fetch", [0, 0]]);
  // The frame itself goes on.
  await narrow("montreal");
});

/** A proof as the frame makes it, with another key. */
async function forge(method, address, token) {
  const curve = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const { privateKey, publicKey } = await crypto.subtle.generateKey(curve, true, ["sign"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const packed = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const ath = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(token))).toString("base64url");
  const claims = { jti: crypto.randomUUID(), htm: method, htu: address, iat: Math.floor(Date.now() / 1000), ath };
  const text = `${packed({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } })}.${packed(claims)}`;
  return `${text}.${Buffer.from(await crypto.subtle.sign(curve, privateKey, Buffer.from(text))).toString("base64url")}`;
}
thief.close();
