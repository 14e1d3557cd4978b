// What the scripts share: a browser, the demo's pages, and the data API to compare with.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";

/** Where everything is, as the Rust half of the test says it. */
export const facts = JSON.parse(process.argv[2]);

const require = createRequire(join(facts.modules, "kit.js"));
const { default: puppeteer } = await import(pathToFileURL(require.resolve("puppeteer-core")).href);

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A page that comes from the test (see `host`) has no address, so browsers take it for one of the
  // internet that reaches for this machine, and ask the reader first. Real hosts have an address.
  "--disable-features=LocalNetworkAccessChecks",
];

/** Longer than any wait of a healthy run: a machine under load answers late, not never. */
const PATIENCE = 60_000;

/** Runs `scenario` in a fresh browser, and ends the browser whatever happens. */
export async function browse(scenario, ...flags) {
  const browser = await puppeteer.launch({
    executablePath: facts.chromium,
    headless: true,
    args: [...FLAGS, ...flags],
    // The library switches off what keeps a page that was left; readers have it.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });
  try {
    await scenario(browser);
  } finally {
    await browser.close();
  }
}

/** A tab that remembers everything a developer would see as an error in the console. */
export async function tab(browser, { width = 1280, height = 900 } = {}) {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.setViewport({ width, height });
  page.complaints = [];
  const complain = (text) => page.complaints.push(text);
  page.on("console", (message) => {
    if (["error", "warn", "assert"].includes(message.type())) complain(message.text());
  });
  page.on("pageerror", (error) => complain(error.message));
  await page.evaluateOnNewDocument(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return page;
}

export function quiet(page) {
  assert.deepEqual(page.complaints, [], "the console has to stay empty");
}

/** The CRM page for a persona; resolves to Weir's frame once no tile is pending. */
export async function crm(page, persona, more = {}) {
  const address = new URLSearchParams({ persona, locale: "en-CA", ...more });
  await page.goto(`${facts.crm}/?${address}`);
  return framed(page);
}

export function framed(page) {
  return until(async () => {
    const element = await page.$("weir-dashboard[data-state=ready] iframe").catch(() => null);
    const frame = await element?.contentFrame();
    return (await frame?.$("html[data-weir=settled]").catch(() => null)) && frame;
  }, "the dashboard never settled");
}

/** The page's island can be used. */
export const awake = (frame) => frame.waitForSelector("html[data-islands=awake] .filters.awake");

/**
 * A host page of our own. The browser gets it and its back end from here, whatever its origin: no
 * name has to resolve and no certificate has to be made. Weir is asked over the network as ever, and
 * sees the Origin and Sec-Fetch headers that the browser makes of that origin.
 *
 * `token` answers the page's question for a token; a `null` is a refusal, a promise that stays
 * pending a back end that hangs; requests that `leave` picks are somebody else's. Returns the questions, and lets `html` and `token` be replaced.
 */
export async function host(page, { origin = facts.crm, html = DASHBOARD, headers = {}, token = mintFor(origin), leave = () => false } = {}) {
  const own = { origin, html, token, asked: [], address: `${origin}/host`, offline: false };
  await page.setRequestInterception(true);
  page.on("request", async (request) => {
    const url = new URL(request.url());
    if (request.isInterceptResolutionHandled() || leave(request)) return;
    if (url.origin !== origin) return request.continue();
    if (own.offline) return request.abort("internetdisconnected");
    if (url.pathname === "/host") return request.respond({ contentType: "text/html", headers, body: own.html });
    if (url.pathname !== "/weir-token") return request.respond({ status: 204 });
    const question = JSON.parse(request.postData());
    own.asked.push(question);
    const answer = await own.token(question);
    const said = answer ? { contentType: "application/json", body: JSON.stringify(answer) } : { status: 503 };
    await request.respond(said).catch(() => {});
  });
  return own;
}

/** What a host page needs, and no more. */
export const DASHBOARD = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Host</title>
<script type="module" src="${facts.weir}/sdk/weir.js"></script>
<weir-dashboard dashboard="finance-overview" locale="en-CA" token-url="/weir-token"></weir-dashboard></html>`;

/** A back end that gives what it is asked for, to an analyst of `auto` unless `more` says otherwise. */
export const mintFor = (origin, more = {}) => ({ dashboard, locale }) =>
  mint(["auto"], { dashboard, locale: locale ?? "en-CA", origin, ...more });

/** Opens a [`host`] page; resolves to Weir's frame once no tile is pending. */
export async function opened(page, own) {
  await page.goto(own.address);
  return framed(page);
}

/** Puts down every event of the page's dashboards, in order: `{ type, detail }`. */
export async function record(page) {
  await page.evaluateOnNewDocument(() => {
    if (parent !== window) return;
    window.heard = [];
    const types = ["ready", "loaded", "resized", "filter-changed", "navigate", "export", "token-expiring", "auth-lost", "error"];
    for (const type of types) {
      addEventListener(type, (event) => {
        if (event.target.localName !== "weir-dashboard") return;
        const { cause, ...detail } = event.detail;
        window.heard.push({ type, detail, id: event.target.id });
      }, { capture: true });
    }
  });
}

/** The details of all events of a type so far. */
export const heard = (page, type) =>
  page.evaluate((wanted) => window.heard.filter((one) => one.type === wanted).map((one) => one.detail), type);

/** Waits until an event of the type is there whose detail `which` accepts. */
export const hears = (page, type, which = () => true) =>
  until(async () => (await heard(page, type)).find(which), `no ${type} that ${which}`);

/** Polls until `what` is truthy: nothing waits for a time, everything for a state. */
export async function until(what, message) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(50)) {
    const found = await what();
    if (found) return found;
  }
  assert.fail(message);
}

/** A token as the CRM's back end gets it. */
export async function mint(units, { dashboard = "finance-overview", client = "demo-crm:demo-crm-secret", ...more } = {}) {
  const answer = await fetch(`${facts.weir}/api/v1/embed-tokens`, {
    method: "POST",
    headers: {
      authorization: `Basic ${btoa(client)}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({
      dashboard,
      subject: { sub: `browser-test-${units.join("-")}` },
      business_units: units,
      locale: "en-CA",
      origin: facts.crm,
      ...more,
    }),
  });
  assert.equal(answer.status, 200);
  return answer.json();
}

/** Presses what leads to another page, and waits for that. */
export async function follow(page, selector) {
  await page.waitForSelector(selector);
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}

/** Signs in at the demo's provider, and comes back to `path`. */
export async function signIn(page, persona, path) {
  await page.goto(`${facts.weir}${path}`);
  await follow(page, 'a.btn[href^="/login"]');
  assert.equal(new URL(page.url()).origin, facts.idp);
  await follow(page, `button[value="${persona}"]`);
  assert.equal(page.url(), `${facts.weir}${path}`, "back where the sign-in began");
}

export async function api(path, token) {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${facts.weir}/api/v1/dashboards/${path}`, { headers });
  assert.equal(answer.status, 200, path);
  return answer.json();
}

/** Every tile of a frame or page: state, the hero number, and all exact numbers of its table. */
export function tiles(frame) {
  return frame.$$eval("[data-tile]", (sections) =>
    sections.map((section) => ({
      id: section.dataset.tile,
      state: section.dataset.state,
      text: section.querySelector(".body")?.textContent ?? "",
      title: section.querySelector("h2").textContent,
      exact: section.querySelector(".value")?.title ?? null,
      charts: section.querySelectorAll(".body svg").length,
      trust: section.querySelector(".trust")?.textContent ?? "",
      numbers: [...section.querySelectorAll("td.num")].map((cell) => cell.textContent),
      visible: section.checkVisibility() && section.getBoundingClientRect().height > 40,
    })),
  );
}

/** What a cell says, as a number with the half of its last digit. */
function number(text) {
  const digits = text.replace(/[^\d.-]/g, "");
  const decimals = digits.split(".")[1]?.length ?? 0;
  return { value: Number(digits), half: 0.501 * 10 ** -decimals, share: text.includes("%") };
}

/** Every number of the API's answer stands in the tile's table, rounded to what the table shows. */
export function sameNumbers(tile, answer) {
  const shown = tile.numbers.map(number);
  let compared = 0;
  for (const row of answer.rows) {
    row.forEach((value, index) => {
      const { type } = answer.columns[index];
      if (value === null || !["decimal", "double", "integer"].includes(type)) return;
      const says = (one) => Math.abs(one.value - Number(value) * (one.share ? 100 : 1)) <= one.half;
      const found = shown.findIndex(says);
      assert.ok(found >= 0, `${tile.id} does not show ${value} (${tile.numbers.slice(0, 9)} …)`);
      shown.splice(found, 1);
      compared += 1;
    });
  }
  assert.ok(compared > 0, `${tile.id} has no number to compare`);
  return compared;
}

/** Compares each tile of the frame with the data API, asked with another token of the same rights. */
export async function agreesWithApi(frame, slug, token, query = "") {
  let compared = 0;
  for (const tile of await tiles(frame)) {
    assert.equal(tile.state, "ready", `${tile.id} is ${tile.state}`);
    compared += sameNumbers(tile, await api(`${slug}/tiles/${tile.id}/data${query}`, token));
  }
  return compared;
}

/** A press that needs no script of the page's, and no mouse either. */
export const press = (frame, selector) => frame.$eval(selector, (element) => element.click());

/** A launch as the SDK does it, in a page of the CRM's origin whose scripts are switched off. */
export async function launchWithoutScript(page, token, more = {}) {
  await page.setJavaScriptEnabled(false);
  await page.goto(`${facts.crm}/?tab=overview`);
  const action = `${facts.weir}/embed/finance-overview`;
  const loaded = page.waitForResponse((response) => response.url() === action);
  await page.evaluate(
    (url, fields) => {
      const frame = document.createElement("iframe");
      frame.name = "launched";
      frame.style = "display: block; width: 1200px; height: 2000px";
      const form = Object.assign(document.createElement("form"), { method: "post", action: url, target: frame.name });
      for (const [name, value] of Object.entries(fields)) {
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      }
      document.body.replaceChildren(frame, form);
      form.submit();
    },
    action,
    { token, ...more },
  );
  const response = await loaded;
  const frame = response.frame();
  return { frame, response };
}

/**
 * Waits until `selector` is in a frame whose scripts are off, asked from outside: a wait inside the
 * page rests on the scripts it lacks, and is lost when the document is replaced under it.
 */
export async function appears(frame, selector) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(50)) {
    if (await frame.$(selector).catch(() => null)) return;
  }
  assert.fail(`${selector} never came`);
}

export { assert };
