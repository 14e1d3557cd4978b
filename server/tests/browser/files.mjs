// All rows of a tile as a file: from the tile's menu, in a frame by its token and on a member's page by
// the session, with the filters of the page; and what is said when there is none.

import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { api, assert, awake, browse, crm, facts, mint, quiet, signIn, tab, until } from "./kit.mjs";

const TILE = "[data-tile=top-customers]";
const NAME = "finance-overview-top-customers.csv";
const said = `${TILE} .taking`;

/** Where the browser puts what is downloaded. */
async function folder(browser) {
  const path = await mkdtemp(join(tmpdir(), "weir-files-"));
  const devtools = await browser.target().createCDPSession();
  await devtools.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: path });
  return path;
}

/** Takes the file by the menu; its lines below the first one. */
async function take(frame, path) {
  await frame.click(`${TILE} .menu > summary`);
  await frame.click(`${TILE} [data-export]`);
  await until(async () => (await readdir(path)).includes(NAME), "the file never arrived");
  await frame.waitForSelector(`${said}:empty`);
  const text = await readFile(join(path, NAME), "utf8");
  await rm(join(path, NAME));
  const [, ...lines] = text.trimEnd().split("\r\n");
  return lines;
}

await browse(async (browser) => {
  const path = await folder(browser);
  const page = await tab(browser);
  const frame = await crm(page, "analyst-auto");
  await awake(frame);
  const { token } = await mint(["auto"]);
  const rows = async (query) => (await api(`finance-overview/tiles/top-customers/data?${query}`, token)).rows;

  const whole = await take(frame, path);
  assert.equal(whole.length, (await rows("")).length);

  // A tile that was asked for anew brings the address of its own rows.
  await frame.click(".pick > summary");
  await (await frame.waitForSelector("input[name=region]")).click();
  const { href } = await until(
    () => frame.$eval(`${TILE} [data-export]`, ({ dataset: { href } }) => (href.includes("region=") ? { href } : null)),
    "the menu never followed the filter",
  );
  const some = await take(frame, path);
  const region = new URL(href, facts.weir).searchParams.get("region");
  const shown = await rows(new URLSearchParams({ region }));
  assert.deepEqual([some.length, some.every((line) => whole.includes(line))], [shown.length, false]);
  quiet(page);

  // Without a network the reader is told, and may try again.
  await page.setOfflineMode(true);
  // The menu is still open.
  await frame.click(`${TILE} [data-export]`);
  await frame.waitForFunction((said) => document.querySelector(said).textContent === "The file didn’t arrive. Try again.", {}, said);
  await page.setOfflineMode(false);
  page.complaints = [];
  await rm(path, { recursive: true });
});

// Who may look and not take along is offered nothing.
await browse(async (browser) => {
  const page = await tab(browser);
  await signIn(page, "exec", "/d/finance-overview?locale=en-CA");
  await page.waitForSelector("html[data-weir=settled]");
  assert.equal(await page.$("[data-export]"), null);
});

await browse(async (browser) => {
  const path = await folder(browser);
  const page = await tab(browser);
  await signIn(page, "analyst-auto", "/d/finance-overview?locale=en-CA");
  await page.waitForSelector("html[data-weir=settled]");
  await page.waitForSelector("html[data-islands=awake]");
  assert.ok((await take(page, path)).length > 0);

  // A frame whose own script is not there yet asks for nothing: the browser would send the cookie.
  const asked = [];
  page.on("request", (request) => request.url().includes("/export?") && asked.push(request.url()));
  await page.evaluate(() => { document.documentElement.dataset.realm = "embed"; });
  await page.click(`${TILE} [data-export]`);
  await page.waitForFunction((said) => document.querySelector(said).textContent === "The file didn’t arrive. Try again.", {}, said);
  assert.deepEqual(asked, []);
  await rm(path, { recursive: true });
});
