// The host page: one port, handed out by one greeting. Messages are plain objects with `weir: 1` and a
// type; what is unknown is not read.
let port = null;
const say = (type, more) => port && port.postMessage({ weir: 1, type, ...more });

const isMessage = (data) =>
  typeof data === "object" && data !== null && Object.hasOwn(data, "weir") && data.weir === 1 &&
  Object.hasOwn(data, "type") && typeof data.type === "string";
const isText = (value, most) => typeof value === "string" && value.length > 0 && value.length <= most;

function greet(event) {
  const { data, origin, source, ports } = event;
  if (origin !== facts.host_origin || source !== parent) return;
  if (!isMessage(data) || data.type !== "hello" || ports.length !== 1) return;
  removeEventListener("message", greet);
  port = ports[0];
  port.onmessage = hear;
  say("ready");
  if (state === "insecure") say("error", { code: "insecure-context" });
  say("filter-changed", { filters: chosen() });
  measure();
  new ResizeObserver(measure).observe(doc.body);
  loaded();
  wake();
  check();
}

const ACTIONS = new Map([
  ["token", (data) => isText(data.token, 8192) && offer(data)],
  ["set-filters", ({ filters }) => typeof filters === "object" && filters !== null && setFilters(filters)],
  ["set-locale", ({ locale }) => /^(fr|en)-CA$/.test(locale) && locale !== root.lang && post({ locale })],
  ["set-theme", ({ theme }) => /^(auto|light|dark|contrast)$/.test(theme) && setTheme(theme)],
  ["refresh", () => refresh()],
  ["print", () => print()],
]);

// A host page that goes wild is not listened to for the rest of the second.
let heard = 0, second = 0;
function hear({ data }) {
  const now = Math.floor(performance.now() / 1000);
  heard = now === second ? heard + 1 : 1;
  second = now;
  if (heard > 50 || !isMessage(data)) return;
  const act = ACTIONS.get(data.type);
  if (act) act({ ...data });
}

// The height of the content, whatever the frame's own height is, so that the frame can shrink again.
let height = 0;
function measure() {
  const wanted = Math.ceil(doc.body.getBoundingClientRect().height);
  if (!port || wanted === height) return;
  height = wanted;
  // The frame is made as high as this: a scroll bar of its own would only narrow the content, and
  // change the height again. Beyond what host pages give, it is needed.
  root.style.overflowY = height < 20_000 ? "hidden" : "";
  say("resized", { height });
}

async function loaded() {
  if (doc.readyState === "loading") await new Promise((done) => doc.addEventListener("DOMContentLoaded", done));
  await Promise.race([new Promise(requestAnimationFrame), sleep(200)]);
  for (let tries = 0; largest === null && tries < 60; tries += 1) await sleep(50);
  say("loaded", { tiles: facts.tiles, lcp_ms: largest === null ? null : Math.round(largest) });
}

function setTheme(theme) {
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
}

// The form as it stands, and as it stood when the figures had to go.
let kept = null;
const entries = () => kept || [...new FormData(form)];

function chosen() {
  const filters = {};
  for (const name of facts.filters) if (name !== "period") filters[name] = [];
  for (const [name, value] of entries()) {
    const [from, to] = value.split("..");
    if (name === "period") filters.period = { from, to };
    else if (Object.hasOwn(filters, name)) filters[name].push(value);
  }
  return filters;
}

// What a filter is to hold, as the form says it: any number of values, or one period.
function wanted(name, value) {
  const day = /^\d{4}-\d\d-\d\d$/;
  if (name === "period") {
    const { from, to } = value || {};
    return day.test(from) && day.test(to) ? [`${from}..${to}`] : null;
  }
  const fine = Array.isArray(value) && value.length <= 200 && value.every((one) => isText(one, 200));
  return fine ? value : null;
}

// Declared filters only. The server decides what a value opens: it narrows, or it is refused.
async function setFilters(asked) {
  const changes = new Map();
  for (const name of facts.filters) {
    const values = Object.hasOwn(asked, name) && wanted(name, asked[name]);
    if (values) changes.set(name, values);
  }
  const bar = doc.querySelector(".filters.awake");
  let inPlace = bar !== null;
  for (const [name, values] of changes) {
    inPlace &&= await place(bar.children[facts.filters.indexOf(name)], values);
  }
  if (inPlace) bar.dispatchEvent(new Event("change", { bubbles: true }));
  else if (changes.size) post({ changes });
}

// Sets one control as a reader would. A value that it does not offer is the server's to judge.
async function place(control, values) {
  const select = control.querySelector("select");
  if (select) {
    const found = [...select.options].some(({ value }) => value === values[0]);
    if (found) select.value = values[0];
    return found;
  }
  const boxes = () => [...control.querySelectorAll("input")];
  const offers = () => values.every((one) => boxes().some(({ value }) => value === one));
  if (!offers()) {
    control.dispatchEvent(new Event("toggle"));
    for (let tries = 0; !offers() && tries < 60; tries += 1) await sleep(50);
    if (!offers()) return false;
  }
  for (const box of boxes()) {
    const on = values.includes(box.value);
    if (box.checked === on) continue;
    box.checked = on;
    box.dispatchEvent(new Event("change"));
  }
  return true;
}

// All figures anew: in place where the island is awake, else as a new document.
function refresh() {
  const bar = doc.querySelector(".filters.awake");
  if (bar) bar.dispatchEvent(new Event("change"));
  else post();
}

// The page's own form, with token and proof. The new document gets a launch of its own.
async function post({ locale, changes = new Map() } = {}) {
  const secret = await usable().catch(() => null);
  if (!secret) return trouble("offline");
  const action = new URL(`/embed/${facts.slug}`, location.origin);
  const pairs = entries().filter(([name]) => !changes.has(name));
  for (const [name, values] of changes) pairs.push(...values.map((value) => [name, value]));
  pairs.push(["token", secret], ["proof", await prove(await key, "POST", action, secret)]);
  pairs.push(["locale", locale || root.lang], ["theme", root.dataset.theme || "auto"]);
  const sent = element("form", "");
  Object.assign(sent, { method: "post", action: action.pathname, hidden: true });
  for (const [name, value] of pairs) sent.append(Object.assign(element("input", ""), { type: "hidden", name, value }));
  doc.body.append(sent);
  say("leaving");
  sent.submit();
  sent.remove();
}
