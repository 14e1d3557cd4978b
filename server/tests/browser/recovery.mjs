// F64: mounted twice, reloaded, duplicated, left and come back to: nobody has to do anything.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DASHBOARD, agreesWithApi, assert, browse, facts, framed, heard, hears, host, mint, mintFor, opened, quiet, record, tab, until } from "./kit.mjs";

const works = async (frame) => agreesWithApi(frame, "finance-overview", (await mint(["auto"])).token);

/** The frame's document is another one than the marked one, and shows figures. */
const replaced = (page, marker) =>
  until(async () => {
    const element = await page.$("weir-dashboard[data-state=ready] iframe");
    const frame = await element?.contentFrame();
    const fresh = await frame?.evaluate((known) => window.marker !== known && document.documentElement.dataset.weir === "settled" && document.querySelectorAll("[data-tile]").length === 9, marker).catch(() => false);
    return fresh && frame;
  }, "the dashboard did not come back");

// A frame that is reloaded posts its spent token again; what comes back asks for a new launch. The
// filters that were set are set again.
await browse(async (browser) => {
  const page = await tab(browser);
  await record(page);
  const own = await host(page);
  let frame = await opened(page, own);
  await page.evaluate(() => document.querySelector("weir-dashboard").setFilters({ region: ["estrie"] }));
  await hears(page, "filter-changed");
  await until(() => frame.evaluate(() => performance.getEntriesByName(`${location.origin}/embed/finance-overview/bind`).length).catch(() => 0), "never bound");
  await frame.waitForSelector("input[name=region][value=estrie]:checked");
  await frame.evaluate(() => { window.marker = 1; location.reload(); });
  frame = await replaced(page, 1);
  assert.ok(await frame.$("input[name=region][value=estrie]:checked"), "the filters are set again");
  await agreesWithApi(frame, "finance-overview", (await mint(["auto"])).token, "?region=estrie");
  assert.deepEqual(own.asked.map(({ reason }) => reason), ["launch", "retry"]);
});

// A token that is spent from the start: three launches in a minute, then a person has to look.
await browse(async (browser) => {
  const page = await tab(browser);
  await record(page);
  const spent = await mint(["auto"]);
  const own = await host(page, { token: () => spent });
  const frame = await opened(page, own);
  await until(() => frame.evaluate(() => performance.getEntriesByName(`${location.origin}/embed/finance-overview/bind`).length).catch(() => 0), "never bound");
  await frame.evaluate(() => location.reload());
  await page.waitForSelector("weir-dashboard[data-state=failed]");
  assert.deepEqual((await heard(page, "error")).map(({ code }) => code), ["launch_refused"]);
  assert.equal(own.asked.length, 4, "one launch and three more");
  own.token = () => mint(["auto"]);
  await page.evaluate(() => document.querySelector("weir-dashboard").shadowRoot.querySelector("button").click());
  await works(await framed(page));
});

// React's StrictMode mounts, unmounts and mounts; the wrapper opens the dashboard once.
await browse(async (browser) => {
  const modules = {};
  for (const [name, file] of [
    ["react", "react/cjs/react.development.js"],
    ["react-dom", "react-dom/cjs/react-dom.development.js"],
    ["react-dom/client", "react-dom/cjs/react-dom-client.development.js"],
    ["scheduler", "scheduler/cjs/scheduler.development.js"],
  ]) {
    modules[name] = readFileSync(join(facts.modules, file), "utf8");
  }
  const wrapper = readFileSync(new URL("../../../frontend/sdk/react.js", import.meta.url), "utf8")
    .replace(/import (\{[^}]*\}) from "react";/, "const $1 = window.require(\"react\");")
    .replace('import("./weir.js")', `import("${facts.weir}/sdk/weir.js")`);
  const html = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Host</title><div id="app"></div><script>
    window.process = { env: { NODE_ENV: "development" } };
    const sources = ${JSON.stringify(modules).replaceAll("<", "\\u003c")}, made = {};
    window.require = (name) => {
      if (!made[name]) {
        const module = (made[name] = { exports: {} });
        new Function("module", "exports", "require", "process", sources[name])(module, module.exports, window.require, window.process);
      }
      return made[name].exports;
    };</script><script type="module">${wrapper}
    const { StrictMode, useState } = window.require("react");
    const { createRoot } = window.require("react-dom/client");
    window.mounts = 0;
    const App = () => {
      const [filters, set] = useState(null);
      window.choose = set;
      return createElement(Dashboard, {
        origin: ${JSON.stringify(facts.weir)}, dashboard: "finance-overview", locale: "en-CA", filters,
        token: async ({ dashboard, locale, reason }) => (await fetch("/weir-token", { method: "POST", body: JSON.stringify({ dashboard, locale, reason }) })).json(),
        onReady: () => { window.mounts += 1; },
        onFilterChanged: (detail) => { window.changed = detail.filters; },
      });
    };
    createRoot(document.querySelector("#app")).render(createElement(StrictMode, null, createElement(App)));
    </script></html>`;
  const page = await tab(browser);
  const own = await host(page, { html });
  const frame = await opened(page, own);
  await works(frame);
  assert.equal(await page.evaluate(() => window.mounts), 1);
  assert.equal(own.asked.length, 1, "StrictMode asks once");
  await page.evaluate(() => window.choose({ region: ["estrie"] }));
  await page.waitForFunction(() => window.changed?.region[0] === "estrie");
  quiet(page);
});

// The page is left and come back to, from the browser's own cache, after its token has ended: it asks
// for another and goes on. (The tool can't look into frames that were kept; the host page can.)
await browse(async (browser) => {
  const page = await tab(browser);
  await record(page);
  const own = await host(page, { token: mintFor(facts.crm, { expires_in: 5 }) });
  await opened(page, own);
  await page.evaluate(() => {
    addEventListener("pageshow", ({ persisted }) => { window.kept = persisted; });
  });
  await page.goto(`${facts.weir}/signed-out`);
  const { token } = await mint(["auto"], { expires_in: 5 });
  const address = `${facts.weir}/api/v1/dashboards/finance-overview/tiles/top-customers/data`;
  await until(async () => (await fetch(address, { headers: { authorization: `Bearer ${token}` } })).status === 401, "no token ever ends");
  const before = own.asked.length;
  await page.goBack();
  await until(() => own.asked.length > before, "nobody asked for another token");
  await page.evaluate(() => document.querySelector("weir-dashboard").setFilters({ region: ["estrie"] }));
  await hears(page, "filter-changed", ({ filters }) => filters.region[0] === "estrie");
  assert.equal(await page.evaluate(() => window.kept), true);
  assert.deepEqual(await heard(page, "error"), []);
});

// The tab is duplicated, and the element moves about.
await browse(async (browser) => {
  const page = await tab(browser);
  const own = await host(page);
  await works(await opened(page, own));
  const twin = await tab(browser);
  await host(twin);
  await works(await opened(twin, own));
  await twin.close();
  await page.evaluate(() => {
    const element = document.querySelector("weir-dashboard");
    element.remove();
    document.body.append(element);
    element.remove();
    document.body.append(element);
  });
  await works(await framed(page));
  assert.equal(own.asked.length, 2, "one token for each time it was opened");
});

// A launch address opens once. Opened again, its page asks for a launch of its own.
await browse(async (browser) => {
  const page = await tab(browser);
  const { launch_url: launch } = await mint(["auto"]);
  const html = DASHBOARD.replace("<weir-dashboard", `<iframe id="plain" src="${launch}"></iframe><weir-dashboard`);
  const own = await host(page, { html });
  const first = await opened(page, own);
  await first.evaluate(() => { window.marker = 1; });
  const plain = await (await page.$("#plain")).contentFrame();
  await plain.waitForSelector("html[data-weir=settled] [data-tile]");
  await page.evaluate((again) => {
    const element = document.querySelector("weir-dashboard iframe");
    element.src = again;
  }, launch);
  await works(await replaced(page, 1));
  assert.ok(own.asked.length >= 2, "a new launch was asked for");
});
