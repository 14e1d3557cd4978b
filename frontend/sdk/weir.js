/**
 * <weir-dashboard>: a governed Weir dashboard inside any page.
 *
 *   <script type="module" src="https://weir.example/sdk/weir.js"></script>
 *   <weir-dashboard dashboard="finance-overview" locale="fr-CA" theme="auto"
 *                   token-url="/weir-token" height="900"></weir-dashboard>
 *
 * Attributes: `dashboard`; `locale` (fr-CA, en-CA); `theme` (light, dark, auto, contrast); `height`,
 * the pixels reserved until the dashboard says its own; `token-url`, an address of your own back end;
 * `origin`, Weir's origin, where this file is served by somebody else. All may change at any time.
 *
 * Token: your back end asks Weir for one (`POST /api/v1/embed-tokens`) and passes on the answer,
 * `{ token, expires_in }`. Either name it in `token-url`, which gets a POST with JSON
 * `{ dashboard, locale, reason }` and your own cookies, or set the property
 * `element.token = async ({ dashboard, locale, reason, signal }) => ({ token, expires_in })`.
 * `reason` says what it is for: "launch", "expiring", "expired", "reauthenticate", "retry".
 *
 * Events (they do not bubble) and methods: `weir.d.ts` beside this file lists them with their types,
 * docs/embedding.md explains them. Codes of `error` that come from this script: misconfigured,
 * token_refused, token_invalid, token_timeout, token_refresh_failed, frame_unreachable,
 * launch_refused; every other code comes from the dashboard itself.
 *
 * Your page's Content-Security-Policy needs Weir's origin in script-src, frame-src and form-action.
 * Weir compares the Origin header of the launch with the token, so the page must not have the
 * referrer policy `no-referrer` or `same-origin`: browsers then send `Origin: null`.
 *
 * Parts for styling: `wait`, `notice`, `retry`.
 */

const SCRIPT_ORIGIN = /^https?:/.test(import.meta.url) ? new URL(import.meta.url).origin : "";

const WORDS = {
  en: {
    title: "Dashboard",
    wait: "Opening the dashboard",
    retry: "Try again",
    misconfigured: "This dashboard is not set up completely.",
    token: "This page could not get access to the dashboard.",
    frame_unreachable: "The dashboard does not answer at the moment.",
  },
  fr: {
    title: "Tableau de bord",
    wait: "Ouverture du tableau de bord",
    retry: "Réessayer",
    misconfigured: "Ce tableau de bord n’est pas entièrement configuré.",
    token: "Cette page n’a pas pu obtenir l’accès au tableau de bord.",
    frame_unreachable: "Le tableau de bord ne répond pas pour le moment.",
  },
};

// No blanks that mean nothing: this travels as it is.
const STYLE =
  ":host{display:block;position:relative}" +
  ":host([hidden]){display:none}" +
  "::slotted(iframe){display:block;width:100%;border:0}" +
  ":host([data-state=failed]) ::slotted(iframe){visibility:hidden}" +
  ".wait,.notice{display:none;position:absolute;inset:0}" +
  ":host([data-state=asking]) .wait,:host([data-state=opening]) .wait{display:block}" +
  ".wait{pointer-events:none;overflow:hidden;text-indent:200%;white-space:nowrap}" +
  '.wait::before{content:"";position:absolute;inset:0 auto auto 0;height:2px;width:30%;' +
  "background:currentColor;opacity:0;animation:run 1.4s .2s infinite}" +
  ":host([data-state=failed]) .notice{display:grid}" +
  ".notice{place-content:center;justify-items:center;gap:12px;padding:16px;text-align:center;" +
  "max-height:320px;border:1px solid color-mix(in srgb,currentColor 18%,transparent);" +
  "border-radius:8px;box-sizing:border-box;font-size:14px;line-height:1.45}" +
  "p{margin:0;max-width:44ch}" +
  "button{font:inherit;font-weight:600;color:inherit;background:0 0;cursor:pointer;min-height:40px;" +
  "padding:0 16px;border-radius:6px;border:1px solid color-mix(in srgb,currentColor 45%,transparent)}" +
  "button:hover{background:color-mix(in srgb,currentColor 8%,transparent)}" +
  "button:focus-visible{outline:2px solid currentColor;outline-offset:2px}" +
  "@keyframes run{0%{transform:translateX(-100%);opacity:.45}to{transform:translateX(340%);opacity:.45}}" +
  "@media (prefers-reduced-motion:reduce){.wait::before{animation:none;width:100%;opacity:.25}}";

/** Last height of each dashboard on this page: opening it again does not make the page jump. */
const heights = new Map();

/** What a frame may say beside its own affairs, and the names that belong to it. */
const isName = (value) => typeof value === "string" && /^[\w.-]{1,64}$/.test(value);
const NAMES = {
  __proto__: null,
  ready: [],
  leaving: [],
  loaded: [],
  resized: [],
  "filter-changed": [],
  navigate: ["dashboard"],
  export: ["tile", "format"],
  "token-expiring": ["reason"],
  "auth-lost": ["reason"],
  relaunch: ["reason"],
  error: ["code"],
};

/** What is passed on of a message; nothing, when it is not said in the right form. */
function heard(message) {
  const names = message?.weir === 1 && NAMES[message.type];
  if (!names?.every((name) => isName(message[name]))) return;
  const said = Object.fromEntries(names.map((name) => [name, message[name]]));
  const number = (name) => (said[name] = Number.isFinite(message[name]) ? message[name] : null);
  if (message.type === "loaded") number("tiles"), number("lcp_ms");
  if (message.type === "resized" && !number("height")) return;
  if (message.type === "token-expiring") number("expires_in");
  if (message.type === "filter-changed") said.filters = Object(message.filters);
  return said;
}

class Failure extends Error {
  constructor(code, cause) {
    super(code, { cause });
    this.code = code;
  }
}

/** Milliseconds, attempts and pixels; one place, so that a test can shorten the waits. */
const limits = {
  token: 10_000,
  ready: 30_000,
  readyAfterLoad: 8_000,
  attempts: 5,
  backoff: 1_000,
  rest: 30_000,
  relaunches: 3,
  minute: 60_000,
  heights: [80, 20_000],
  messagesPerSecond: 100,
};

/** The custom element; exported for its `limits`, the definition below is all a page needs. */
export class WeirDashboard extends HTMLElement {
  static observedAttributes = ["dashboard", "locale", "theme", "origin", "token-url"];

  static limits = limits;

  #token = null;
  #run = null;
  #queued = false;
  #relaunched = [];
  /** What the reader chose, as the frame said it last: a new launch begins with it. */
  #filters = null;
  /** What the page asked for before the frame was there. */
  #waiting = [];
  #wait;
  #text;
  #retry;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    // Element by element: a host may demand trusted types.
    const notice = make("div", { className: "notice", part: "notice", role: "alert" });
    notice.append((this.#text = make("p")), (this.#retry = make("button", { part: "retry" })));
    this.#wait = make("div", { className: "wait", part: "wait", role: "status" });
    root.append(make("slot"), this.#wait, notice);
    this.#retry.onclick = () => this.#launch("retry");
  }

  /** The page's token function; a new function serves the next request and reloads nothing. */
  get token() {
    return this.#token;
  }

  set token(ask) {
    this.#token = typeof ask === "function" ? ask : null;
    if (!this.#run || this.#run.code === "misconfigured") this.#schedule();
  }

  setFilters(filters) {
    this.#send("set-filters", { filters });
  }

  setLocale(locale) {
    this.setAttribute("locale", locale);
  }

  setTheme(theme) {
    this.setAttribute("theme", theme);
  }

  navigate(dashboard) {
    this.setAttribute("dashboard", dashboard);
  }

  refresh() {
    this.#send("refresh");
  }

  print() {
    this.#send("print");
  }

  connectedCallback() {
    // A framework may have set the property before this class existed.
    if (Object.hasOwn(this, "token")) {
      const early = this.token;
      delete this.token;
      this.token = early;
    }
    this.#schedule();
  }

  disconnectedCallback() {
    this.#stop();
  }

  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    const run = this.#run;
    if (run?.answered && /^(locale|theme)$/.test(name)) {
      run[name] = after;
      run.words = this.#words();
      if (name === "theme") this.#colour(run);
      if (after) return this.#send(`set-${name}`, { [name]: after });
    }
    if (name === "dashboard") this.#filters = null;
    if (name !== "token-url" || run?.code === "misconfigured") this.#schedule();
  }

  /** Several changes in one turn, and React's mount-unmount-mount, open the dashboard once. */
  #schedule() {
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      if (this.isConnected) this.#launch("launch");
    });
  }

  #stop() {
    const run = this.#run;
    this.#run = null;
    run?.abort.abort();
    run?.port?.close();
    run?.frame?.remove();
    delete this.dataset.state;
  }

  async #launch(reason) {
    this.#stop();
    const abort = new AbortController();
    const run = {
      abort,
      signal: abort.signal,
      origin: this.#origin(),
      dashboard: this.getAttribute("dashboard"),
      locale: this.getAttribute("locale"),
      theme: this.getAttribute("theme"),
      words: this.#words(),
    };
    this.#run = run;
    this.style.minHeight = `${this.#reserved(run)}px`;
    this.dataset.state = "asking";
    this.#wait.textContent = run.words.wait;
    try {
      if (!run.origin || !run.dashboard || !this.#source()) throw new Failure("misconfigured");
      const { token } = await this.#ask(run, reason);
      this.#open(run, token);
    } catch (failure) {
      if (!run.signal.aborted) this.#fail(run, failure);
    }
  }

  #origin() {
    try {
      const { origin } = new URL(this.getAttribute("origin") ?? SCRIPT_ORIGIN);
      return /^https?:/.test(origin) ? origin : "";
    } catch {
      return "";
    }
  }

  #words() {
    const language =
      this.getAttribute("locale") || this.closest("[lang]")?.lang || navigator.language;
    return /^fr\b/i.test(language) ? WORDS.fr : WORDS.en;
  }

  #source() {
    const url = this.getAttribute("token-url");
    return this.#token ?? (url && ((request) => fetchToken(url, request)));
  }

  /** One question to the host page; a callback that hangs counts as one that failed. */
  async #ask(run, reason) {
    const { dashboard, locale } = run;
    const signal = AbortSignal.any([run.signal, AbortSignal.timeout(limits.token)]);
    const late = new Promise((_, reject) => {
      signal.onabort = reject;
    });
    try {
      const asked = this.#source()({ dashboard, locale, reason, signal });
      const { token, expires_in } = (await Promise.race([asked, late])) ?? {};
      if (typeof token !== "string" || !token) throw new Failure("token_invalid");
      return { token, expires_in: Number(expires_in) || 0 };
    } catch (cause) {
      if (cause instanceof Failure) throw cause;
      throw new Failure(signal.aborted ? "token_timeout" : "token_refused", cause);
    } finally {
      signal.onabort = null;
    }
  }

  /** The launch: one form post into the frame, so that no address ever holds the token. */
  #open(run, token) {
    const frame = (run.frame = make("iframe", {
      name: `weir-${crypto.getRandomValues(new Uint32Array(4)).join("")}`,
      title: this.getAttribute("aria-label") || run.words.title,
      referrerPolicy: "no-referrer",
      allow: "fullscreen",
    }));
    this.#colour(run);
    this.append(frame);
    this.#size(run, this.#reserved(run));
    this.dataset.state = "opening";
    frame.onload = () => this.#greet(run);
    this.#expectAnswer(run, limits.ready);

    const form = make("form", {
      hidden: true,
      method: "post",
      target: frame.name,
      action: `${run.origin}/embed/${encodeURIComponent(run.dashboard)}`,
      acceptCharset: "utf-8",
    });
    const fields = [["token", token], ["locale", run.locale], ["theme", run.theme], ...posted(this.#filters)];
    for (const [name, value] of fields) {
      if (!value) continue;
      form.append(make("input", { type: "hidden", name, value }));
    }
    this.append(form);
    form.submit();
    form.remove();
  }

  /** A frame whose colour scheme differs from its document's is painted on an opaque ground. */
  #colour({ frame, theme }) {
    frame.style.colorScheme = /^(light|dark)$/.test(theme) ? theme : "light dark";
  }

  /** Each document that loads in the frame gets a port of its own, if it is Weir's. */
  #greet(run) {
    if (run.signal.aborted || isBlank(run.frame)) return;
    run.port?.close();
    const { port1, port2 } = new MessageChannel();
    run.port = port1;
    run.greeted = false;
    port1.onmessage = ({ data }) => this.#hear(run, data);
    run.frame.contentWindow.postMessage({ weir: 1, type: "hello" }, run.origin, [port2]);
    this.#expectAnswer(run, limits.readyAfterLoad);
  }

  /** A document that does not answer is not Weir's: the browser's own error page, a proxy's. */
  #expectAnswer(run, wait) {
    clearTimeout(run.timer);
    run.timer = setTimeout(() => {
      if (!run.signal.aborted) this.#fail(run, new Failure("frame_unreachable"));
    }, wait);
  }

  #hear(run, message) {
    if (run.signal.aborted || tooMany(run)) return;
    const said = heard(message);
    if (!said) return;
    const { type } = message;
    if (type === "ready" || type === "error") this.#show(run);
    // Another document is on its way: what the page asks for meanwhile is for that one.
    if (type === "leaving") return (run.greeted = false);
    if (type === "resized") return this.#resize(run, said.height);
    if (type === "relaunch") return this.#relaunch(run, said.reason);
    if (type === "token-expiring") this.#refresh(run, said.reason);
    if (type === "filter-changed") {
      const known = this.#filters;
      this.#filters = said.filters;
      // A document says what it begins with; only what differs has changed.
      if (!known || JSON.stringify(known) === JSON.stringify(said.filters)) return;
    }
    if (this.#emit(type, said) && type === "navigate") this.navigate(said.dashboard);
    if (type === "ready") {
      for (const [name, more] of this.#waiting.splice(0)) this.#send(name, more);
    }
  }

  #send(type, more) {
    const run = this.#run;
    if (run?.greeted) run.port.postMessage({ weir: 1, type, ...more });
    else this.#waiting.push([type, more]);
  }

  /** Something of Weir's is on the screen, late or not. */
  #show(run) {
    run.answered = run.greeted = true;
    run.code = undefined;
    clearTimeout(run.timer);
    this.dataset.state = "ready";
  }

  /** The frame needs a new launch. It gets three in a minute; then somebody has to look. */
  #relaunch(run, reason) {
    const now = performance.now();
    this.#relaunched = this.#relaunched.filter((at) => now - at < limits.minute);
    if (this.#relaunched.length >= limits.relaunches) return this.#fail(run, new Failure("launch_refused"));
    this.#relaunched.push(now);
    this.#launch(reason === "session_ended" ? "reauthenticate" : "retry");
  }

  #resize(run, wanted) {
    const [low, high] = limits.heights;
    const height = Math.min(Math.max(Math.ceil(wanted), low), high);
    if (Math.abs(height - run.height) < 2) return;
    // Content that answers a height with another height would swing for ever: the larger one stays.
    // A window that is made narrow and wide again comes back too, but not that often.
    const now = performance.now();
    run.swings = height === run.previous && now - run.sized < 500 ? run.swings + 1 : 0;
    run.sized = now;
    if (run.swings > 6 && height < run.height) return;
    this.#size(run, height);
    heights.set(run.dashboard, height);
    this.#emit("resized", { height });
  }

  #size(run, height) {
    run.previous = run.height;
    run.height = height;
    run.frame.style.height = `${height}px`;
    this.style.minHeight = `${height}px`;
  }

  #reserved(run) {
    const width = this.clientWidth || 800;
    const shape = width >= 1100 ? 0.75 : width >= 640 ? 1.2 : 2.4;
    const asked = Number.parseFloat(this.getAttribute("height"));
    return Math.round(heights.get(run.dashboard) ?? (asked > 0 ? asked : width * shape));
  }

  /** A fresh token for the living frame. The reader notices nothing, whatever it takes. */
  async #refresh(run, reason) {
    if (run.refreshing) return;
    run.refreshing = true;
    for (let attempt = 1; !run.signal.aborted; attempt += 1) {
      try {
        const fresh = await this.#ask(run, reason);
        run.port.postMessage({ weir: 1, type: "token", ...fresh });
        break;
      } catch (failure) {
        if (run.signal.aborted) break;
        if (attempt === limits.attempts) {
          this.#report(run, new Failure("token_refresh_failed", failure));
        }
        const jitter = 0.5 + Math.random();
        const wait = attempt < limits.attempts ? limits.backoff * 2 ** (attempt - 1) : limits.rest;
        await awake(wait * jitter, run.signal);
      }
    }
    run.refreshing = false;
  }

  /** Never a blank frame: a sentence, a button, and another try when the network is back. */
  #fail(run, failure) {
    clearTimeout(run.timer);
    this.#text.textContent = this.#report(run, failure);
    run.code = failure.code;
    this.dataset.state = "failed";
    this.#retry.textContent = run.words.retry;
    this.#retry.hidden = run.code === "misconfigured";
    addEventListener("online", () => this.dataset.state === "failed" && this.#launch("retry"), {
      once: true,
      signal: run.signal,
    });
  }

  #report({ words }, { code, cause }) {
    const message = words[code] ?? words.token;
    this.#emit("error", { code, message, cause });
    return message;
  }

  #emit(name, detail) {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable: name === "navigate" }));
  }
}

function make(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

async function fetchToken(url, { signal, ...body }) {
  const response = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.json();
}

/** Filters as the launch form has them. */
function posted(filters) {
  return Object.entries(filters ?? {}).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((one) => [name, one]) : [[name, `${value.from}..${value.to}`]],
  );
}

/** Before the launch arrives the frame holds an empty document of the page's own origin. */
function isBlank(frame) {
  try {
    return frame.contentWindow.location.href === "about:blank";
  } catch {
    return false;
  }
}

function tooMany(run) {
  const second = Math.floor(performance.now() / 1000);
  run.heard = run.second === second ? run.heard + 1 : 1;
  run.second = second;
  return run.heard > limits.messagesPerSecond;
}

/** Waits, or until the network or the reader comes back. */
function awake(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds);
    const stop = new AbortController();
    function end() {
      clearTimeout(timer);
      stop.abort();
      resolve();
    }
    addEventListener("online", end, stop);
    signal.addEventListener("abort", end, stop);
    document.addEventListener("visibilitychange", () => document.hidden || end(), stop);
  });
}

if (!customElements.get("weir-dashboard")) {
  customElements.define("weir-dashboard", WeirDashboard);
}
