/**
 * <weir-dashboard>: a governed Weir dashboard inside any page.
 *
 *   <script type="module" src="https://weir.example/sdk/weir.js"></script>
 *   <weir-dashboard dashboard="finance-overview" locale="fr-CA" theme="auto"
 *                   token-url="/weir-token" height="900"></weir-dashboard>
 *
 * Attributes: `dashboard`; `locale` (fr-CA, en-CA) and `theme` (light, dark, auto), handed to Weir as
 * they are; `height`, the pixels reserved until the dashboard says its own; `token-url`, an address
 * of your own back end; `origin`, Weir's origin, only where this file is served by somebody else.
 * Changing `dashboard`, `locale` or `theme` opens the dashboard anew.
 *
 * Token: your back end asks Weir for one (`POST /api/v1/embed-tokens`) and passes on the answer,
 * `{ token, expires_in }`. Either name it in `token-url`, which gets a POST with JSON
 * `{ dashboard, locale, reason }` and your own cookies, or set the property
 * `element.token = async ({ dashboard, locale, reason, signal }) => ({ token, expires_in })`.
 * `reason` is "launch", "retry" or "expiring"; the page never reloads when a token runs out.
 *
 * Events (they do not bubble): `ready`, `loaded` {tiles}, `resized` {height}, `error` {code, message}.
 * Codes of this script: misconfigured, token_refused, token_invalid, token_timeout,
 * frame_unreachable, token_refresh_failed; every other code comes from the dashboard itself.
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
    token_refresh_failed: "Access to the dashboard could not be renewed.",
    other: "The dashboard reports a problem.",
  },
  fr: {
    title: "Tableau de bord",
    wait: "Ouverture du tableau de bord",
    retry: "Réessayer",
    misconfigured: "Ce tableau de bord n’est pas entièrement configuré.",
    token: "Cette page n’a pas pu obtenir l’accès au tableau de bord.",
    frame_unreachable: "Le tableau de bord ne répond pas pour le moment.",
    token_refresh_failed: "L’accès au tableau de bord n’a pas pu être renouvelé.",
    other: "Le tableau de bord signale un problème.",
  },
};

const STYLE = `
  :host { display: block; position: relative; }
  :host([hidden]) { display: none; }
  ::slotted(iframe) { display: block; width: 100%; border: 0; }
  :host([data-state="failed"]) ::slotted(iframe) { visibility: hidden; }
  .wait, .notice { display: none; position: absolute; inset: 0; }
  :host([data-state="asking"]) .wait, :host([data-state="opening"]) .wait { display: block; }
  .wait { pointer-events: none; overflow: hidden; text-indent: 200%; white-space: nowrap; }
  .wait::before { content: ""; position: absolute; inset: 0 auto auto 0; height: 2px; width: 30%;
    border-radius: 1px; background: currentColor; opacity: 0; animation: weir-run 1.4s .2s infinite; }
  :host([data-state="failed"]) .notice { display: grid; }
  .notice { place-content: center; justify-items: center; gap: 12px; padding: 16px; text-align: center;
    max-height: 320px; border: 1px solid color-mix(in srgb, currentColor 18%, transparent);
    border-radius: 8px; box-sizing: border-box; font-size: 14px; line-height: 1.45; }
  p { margin: 0; max-width: 44ch; }
  button { font: inherit; font-weight: 600; color: inherit; background: transparent; cursor: pointer;
    min-height: 40px; padding: 0 16px; border-radius: 6px;
    border: 1px solid color-mix(in srgb, currentColor 45%, transparent); }
  button:hover { background: color-mix(in srgb, currentColor 8%, transparent); }
  button:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
  @keyframes weir-run { 0% { transform: translateX(-100%); opacity: .45; } 100% { transform: translateX(340%); opacity: .45; } }
  @media (prefers-reduced-motion: reduce) { .wait::before { animation: none; width: 100%; opacity: .25; } }`;

/** Last height of each dashboard on this page: opening it again does not make the page jump. */
const heights = new Map();

class Failure extends Error {
  constructor(code, cause) {
    super(code, { cause });
    this.code = code;
  }
}

/** The custom element; exported for its `limits`, the definition below is all a page needs. */
export class WeirDashboard extends HTMLElement {
  static observedAttributes = ["dashboard", "locale", "theme", "origin", "token-url"];

  /** Milliseconds, attempts and pixels; one place, so that a test can shorten the waits. */
  static limits = {
    token: 10_000,
    ready: 30_000,
    readyAfterLoad: 8_000,
    attempts: 5,
    backoff: 1_000,
    rest: 30_000,
    heights: [80, 20_000],
    messagesPerSecond: 100,
  };

  #token = null;
  #run = null;
  #queued = false;
  #text;
  #retry;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    root.innerHTML = `<slot></slot><div class="wait" part="wait" role="status"></div>
      <div class="notice" part="notice" role="alert"><p></p><button type="button" part="retry"></button></div>`;
    this.#text = root.querySelector("p");
    this.#retry = root.querySelector("button");
    this.#retry.addEventListener("click", () => this.#launch("retry"));
  }

  /** The page's token function; a new function serves the next request and reloads nothing. */
  get token() {
    return this.#token;
  }

  set token(ask) {
    this.#token = typeof ask === "function" ? ask : null;
    if (!this.#run || this.#run.code === "misconfigured") this.#schedule();
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
    if (name !== "token-url" || this.#run?.code === "misconfigured") this.#schedule();
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
    run?.abort.abort(new Failure("stopped"));
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
    this.#reserve(run);
    this.dataset.state = "asking";
    this.shadowRoot.querySelector(".wait").textContent = run.words.wait;
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
    const stop = new AbortController();
    const { signal } = stop;
    const timer = setTimeout(
      () => stop.abort(new Failure("token_timeout")),
      WeirDashboard.limits.token,
    );
    run.signal.addEventListener("abort", () => stop.abort(run.signal.reason), { signal });
    const given = new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    given.catch(() => {});
    try {
      const { dashboard, locale } = run;
      const asked = this.#source()({ dashboard, locale, reason, signal });
      const answer = await Promise.race([asked, given]);
      const { token, expires_in } = answer ?? {};
      if (typeof token !== "string" || !token) throw new Failure("token_invalid");
      return { token, expires_in: Number(expires_in) || 0 };
    } catch (cause) {
      throw cause instanceof Failure ? cause : new Failure("token_refused", cause);
    } finally {
      clearTimeout(timer);
      stop.abort();
    }
  }

  /** The launch: one form post into the frame, so that no address ever holds the token. */
  #open(run, token) {
    const frame = document.createElement("iframe");
    frame.name = `weir-${crypto.getRandomValues(new Uint32Array(4)).join("")}`;
    frame.title = this.getAttribute("aria-label") || run.words.title;
    frame.referrerPolicy = "no-referrer";
    frame.allow = "fullscreen";
    // A frame whose colour scheme differs from its document's is painted on an opaque ground.
    frame.style.colorScheme = /^(light|dark)$/.test(run.theme) ? run.theme : "light dark";
    run.frame = frame;
    this.append(frame);
    this.#size(run, this.#reserved(run));
    this.dataset.state = "opening";
    frame.addEventListener("load", () => this.#greet(run));
    this.#expectReady(run, WeirDashboard.limits.ready);

    const form = document.createElement("form");
    form.hidden = true;
    form.method = "post";
    form.target = frame.name;
    form.action = `${run.origin}/embed/${encodeURIComponent(run.dashboard)}`;
    form.acceptCharset = "utf-8";
    for (const [name, value] of Object.entries({ token, locale: run.locale, theme: run.theme })) {
      if (!value) continue;
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      form.append(field);
    }
    this.append(form);
    form.submit();
    form.remove();
  }

  /** Each document that loads in the frame gets a port of its own, if it is Weir's. */
  #greet(run) {
    if (run.signal.aborted || isBlank(run.frame)) return;
    run.port?.close();
    const { port1, port2 } = new MessageChannel();
    run.port = port1;
    port1.onmessage = ({ data }) => this.#hear(run, data);
    run.frame.contentWindow.postMessage({ weir: 1, type: "hello" }, run.origin, [port2]);
    this.#expectReady(run, WeirDashboard.limits.readyAfterLoad);
  }

  #expectReady(run, wait) {
    if (run.answered) return;
    clearTimeout(run.timer);
    run.timer = setTimeout(() => {
      if (!run.signal.aborted) this.#fail(run, new Failure("frame_unreachable"));
    }, wait);
  }

  #hear(run, message) {
    if (run.signal.aborted || message?.weir !== 1 || tooMany(run)) return;
    const { type } = message;
    if (type === "ready") {
      this.#show(run);
      this.#emit("ready", {});
    } else if (type === "loaded" && Number.isInteger(message.tiles)) {
      this.#emit("loaded", { tiles: message.tiles });
    } else if (type === "resized" && Number.isFinite(message.height)) {
      this.#resize(run, message.height);
    } else if (type === "token-expiring") {
      this.#refresh(run);
    } else if (type === "error" && /^[\w.-]{1,64}$/.test(message.code)) {
      // The frame shows its own sentence; only the page is told.
      this.#show(run);
      this.#emit("error", { code: message.code, message: run.words.other });
    }
  }

  /** Something of Weir's is on the screen, late or not. */
  #show(run) {
    run.answered = true;
    run.code = undefined;
    clearTimeout(run.timer);
    this.dataset.state = "ready";
  }

  #resize(run, wanted) {
    const [low, high] = WeirDashboard.limits.heights;
    const height = Math.min(Math.max(Math.ceil(wanted), low), high);
    if (Math.abs(height - run.height) < 2) return;
    // Content that answers a height with another height would swing for ever: the larger one stays.
    // A window that is made narrow and wide again comes back too, but not that often.
    const back = height === run.previous && Date.now() - run.sized < 500;
    run.swings = back ? (run.swings ?? 0) + 1 : 0;
    if (run.swings > 6 && height < run.height) return;
    this.#size(run, height);
    heights.set(run.dashboard, height);
    this.#emit("resized", { height });
  }

  #size(run, height) {
    run.previous = run.height;
    run.height = height;
    run.sized = Date.now();
    run.frame.style.height = `${height}px`;
    this.style.minHeight = `${height}px`;
  }

  #reserve(run) {
    this.style.minHeight = `${this.#reserved(run)}px`;
  }

  #reserved(run) {
    const width = this.clientWidth || 800;
    const shape = width >= 1100 ? 0.75 : width >= 640 ? 1.2 : 2.4;
    const asked = Number.parseFloat(this.getAttribute("height"));
    return Math.round(heights.get(run.dashboard) ?? (asked > 0 ? asked : width * shape));
  }

  /** A fresh token for the living frame. The reader notices nothing, whatever it takes. */
  async #refresh(run) {
    if (run.refreshing) return;
    run.refreshing = true;
    const { attempts, backoff, rest } = WeirDashboard.limits;
    for (let attempt = 1; !run.signal.aborted; attempt += 1) {
      try {
        const fresh = await this.#ask(run, "expiring");
        run.port.postMessage({ weir: 1, type: "token", ...fresh });
        break;
      } catch (failure) {
        if (run.signal.aborted) break;
        if (attempt === attempts) {
          this.#report(run, new Failure("token_refresh_failed", failure));
        }
        const jitter = 0.5 + Math.random();
        if (attempt < attempts) await pause(backoff * 2 ** (attempt - 1) * jitter, run.signal);
        else await Promise.race([pause(rest * jitter, run.signal), awake(run.signal)]);
      }
    }
    run.refreshing = false;
  }

  /** Never a blank frame: a sentence, a button, and another try when the network is back. */
  #fail(run, failure) {
    clearTimeout(run.timer);
    const { message } = this.#report(run, failure);
    run.code = failure.code ?? "token_refused";
    this.dataset.state = "failed";
    this.#text.textContent = message;
    this.#retry.textContent = run.words.retry;
    this.#retry.hidden = run.code === "misconfigured";
    addEventListener("online", () => this.dataset.state === "failed" && this.#launch("retry"), {
      once: true,
      signal: run.signal,
    });
  }

  #report(run, { code = "token_refused", cause }) {
    const message = run.words[code] ?? run.words.token;
    this.#emit("error", { code, message, cause });
    return { message };
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

async function fetchToken(url, { signal, ...body }) {
  const response = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok) throw new Error(`the token address answered ${response.status}`);
  return response.json();
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
  return run.heard > WeirDashboard.limits.messagesPerSecond;
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** Resolves when the network or the reader comes back. */
function awake(signal) {
  return new Promise((resolve) => {
    addEventListener("online", resolve, { once: true, signal });
    const seen = () => document.visibilityState === "visible" && resolve();
    document.addEventListener("visibilitychange", seen, { signal });
    signal.addEventListener("abort", resolve, { once: true });
  });
}

if (!customElements.get("weir-dashboard")) {
  customElements.define("weir-dashboard", WeirDashboard);
}
