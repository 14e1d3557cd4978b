// F66, C3: both sides listen to each other and to nobody else.

import { assert, awake, browse, facts, heard, hears, host, mint, mintFor, opened, quiet, record, tab, until } from "./kit.mjs";

// The frame: greetings of strangers, of other versions and without a port are no greetings.
await browse(async (browser) => {
  const page = await tab(browser);
  await record(page);
  // A page that embeds by hand, so that it can say what it likes.
  const { token } = await mint(["auto"]);
  const html = `<!DOCTYPE html><title>Host</title><iframe name="it" width="1000" height="900"></iframe>
    <iframe id="other" src="/host?other"></iframe>
    <form method="post" target="it" action="${facts.weir}/embed/finance-overview"><input name="token" value="${token}"></form>`;
  const own = await host(page, { html });
  await page.goto(own.address);
  await page.evaluate(() => document.forms[0].submit());
  const frame = await until(() => page.frames().find((one) => one.url().includes("/embed/")), "no frame");
  await frame.waitForSelector("html[data-weir=settled]");
  const answered = await page.evaluate(async (weir) => {
    const target = frames.it;
    const answers = [];
    const greet = (message, ports = 1, from = window) => {
      const channels = Array.from({ length: ports }, () => new MessageChannel());
      for (const { port1 } of channels) port1.onmessage = ({ data }) => answers.push(data);
      from.postMessage.call(target, message, weir, channels.map(({ port2 }) => port2));
    };
    greet({ weir: 2, type: "hello" });
    greet({ weir: "1", type: "hello" });
    greet({ type: "hello" });
    greet({ weir: 1 });
    greet({ weir: 1, type: "Hello" });
    greet("hello");
    greet(null);
    greet([1, "hello"]);
    greet({ weir: 1, type: "hello" }, 0);
    greet({ weir: 1, type: "hello" }, 2);
    greet(JSON.parse('{"__proto__":{"weir":1,"type":"hello"}}'));
    // Another window of the very same origin is not the parent.
    const stranger = document.querySelector("#other").contentWindow;
    stranger.eval(`const c = new MessageChannel(); c.port1.onmessage = () => { parent.strangerHeard = true; };
      parent.frames.it.postMessage({ weir: 1, type: "hello" }, ${JSON.stringify(weir)}, [c.port2])`);
    // The one greeting that counts comes last: what came before would have been answered before.
    const said = await new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      window.port = port1;
      window.said = [];
      port1.onmessage = ({ data }) => { window.said.push(data); resolve(data); };
      target.postMessage({ weir: 1, type: "hello", extra: "ignored" }, weir, [port2]);
    });
    // Once is enough: a second port is not taken.
    greet({ weir: 1, type: "hello" });
    return { answers, said, stranger: Boolean(window.strangerHeard) };
  }, facts.weir);
  assert.deepEqual(answered, { answers: [], said: { weir: 1, type: "ready" }, stranger: false });
  await awake(frame);

  // Over the port: wrong versions, types, shapes and prototypes change nothing.
  await page.evaluate(() => {
    const say = (message) => window.port.postMessage(message);
    for (const bad of [null, 7, "refresh", [], { type: "set-theme", theme: "dark" }, { weir: 2, type: "set-theme", theme: "dark" },
      { weir: 1, type: "set-theme", theme: "dark; x" }, { weir: 1, type: "set-theme", theme: { toString: 1 } },
      { weir: 1, type: "constructor" }, { weir: 1, type: "__proto__" }, { weir: 1, type: ["set-theme"], theme: "dark" },
      { weir: 1, type: "set-locale", locale: "de-DE" }, { weir: 1, type: "token", token: 5 }, { weir: 1, type: "token", token: "x".repeat(10_000) },
      { weir: 1, type: "set-filters", filters: null }, { weir: 1, type: "set-filters", filters: { region: "estrie" } },
      { weir: 1, type: "set-filters", filters: { region: [1] } }, { weir: 1, type: "set-filters", filters: { region: [{ a: 1 }] } },
      { weir: 1, type: "set-filters", filters: JSON.parse('{"__proto__":["x"],"constructor":["x"],"token":["x"],"proof":["x"],"locale":["x"]}') },
      JSON.parse('{"__proto__":{"weir":1,"type":"set-theme","theme":"dark"}}')]) say(bad);
  });
  await page.evaluate(() => window.port.postMessage({ weir: 1, type: "set-theme", theme: "contrast" }));
  await frame.waitForSelector("html[data-theme=contrast]");
  assert.equal(await frame.evaluate(() => ({}).weir ?? Object.keys(Object.prototype).length), 0, "no prototype was touched");
  assert.equal(await frame.$eval("html", (root) => root.lang), "en-CA");
  assert.equal((await frame.$$("input:checked")).length, 0);
  // What the frame said meanwhile it said to nobody but the port.
  const types = await page.evaluate(() => [...new Set(window.said.map(({ type }) => type))].sort());
  assert.deepEqual(types.filter((type) => !["ready", "loaded", "resized", "filter-changed"].includes(type)), []);
  // A flood is cut off, and the page lives.
  await page.evaluate(() => { for (let i = 0; i < 10_000; i += 1) window.port.postMessage({ weir: 1, type: "set-theme", theme: i % 2 ? "dark" : "light" }); });
  await until(async () => {
    await page.evaluate(() => window.port.postMessage({ weir: 1, type: "set-theme", theme: "contrast" }));
    return frame.$("html[data-theme=contrast]");
  }, "the frame listens to nobody any more");
});

// The SDK: whatever other windows and wrong messages say, the element hears its own frame alone.
await browse(async (browser) => {
  const page = await tab(browser);
  await record(page);
  const own = await host(page);
  const frame = await opened(page, own);
  await hears(page, "loaded");
  const before = await page.evaluate(() => window.heard.length);
  const height = await page.$eval("iframe", (one) => one.offsetHeight);
  await frame.evaluate(() => {
    for (const message of [{ weir: 1, type: "resized", height: 5000 }, { weir: 1, type: "error", code: "x" }, { weir: 1, type: "relaunch", reason: "x" }]) {
      parent.postMessage(message, "*");
    }
  });
  await page.evaluate(() => {
    postMessage({ weir: 1, type: "resized", height: 5000 }, location.origin);
    dispatchEvent(new MessageEvent("message", { data: { weir: 1, type: "auth-lost", reason: "x" } }));
  });
  // A round trip over the real port: had the others counted, they would have been counted by now.
  await page.evaluate(() => document.querySelector("weir-dashboard").setTheme("dark"));
  await frame.waitForSelector("html[data-theme=dark]");
  assert.equal(await page.evaluate(() => window.heard.length), before);
  assert.equal(await page.$eval("iframe", (one) => one.offsetHeight), height);
  assert.equal(own.asked.length, 1);
  quiet(page);
});

// A message never goes to whoever happens to be there.
await browse(async (browser) => {
  const page = await tab(browser);
  await page.evaluateOnNewDocument(() => {
    window.targets = [];
    const post = window.postMessage;
    window.postMessage = function (message, target, ...more) {
      window.targets.push(target);
      return post.call(this, message, target, ...more);
    };
  });
  const own = await host(page, { token: mintFor(facts.crm) });
  const frame = await opened(page, own);
  for (const context of [page, frame]) {
    for (const target of await context.evaluate(() => window.targets)) assert.notEqual(target, "*");
  }
  assert.deepEqual(await heard(page, "error").catch(() => []), []);
});
