// Access: the launch token is bound to this document's key once, and what comes back is renewed
// before it ends. Everything here may be late, refused or lost on the way.
const BIND = new URL(`/embed/${facts.slug}/bind`, location.origin);
const PULSE = new URL(`/embed/${facts.slug}/pulse`, location.origin);
const WAITS = { answer: 15_000, host: 20_000, data: 30_000, pulse: 4000 };

let key = crypto.subtle ? makeKey() : Promise.reject(new Error("insecure-context"));
key.catch(() => {});
// The token that calls carry, and how long it lives from when.
let token = null;
// A launch token that is not bound yet.
let offered = facts.token;
// "over" after twelve hours, "revoked" for good, "locked" until it is lifted, "insecure" where the host
// page lets nobody make a key.
let state = "";
const ended = () => /^(over|revoked|insecure)$/.test(state);
let renewing = null;
let told = false;

const left = () => (token ? token.lives - secondsSince(token.from) : 0);
// A minute before the end; of tokens that live shorter, half their life.
const due = () => left() <= Math.min(60, (token ? token.lives : 0) / 2);

const codeOf = async (answer) => {
  if (answer.ok) return "";
  const problem = await answer.clone().json().catch(() => null);
  return (problem && problem.code) || String(answer.status);
};

// One call. A proof that is refused for its time is made once more by the server's clock.
async function call(scheme, secret, url, init = {}) {
  const method = (init.method || "GET").toUpperCase();
  for (let again = false; ; again = true) {
    const headers = new Headers(init.headers);
    headers.set("authorization", `${scheme} ${secret}`);
    headers.set("dpop", await prove(await key, method, url, secret));
    const answer = await fetch(url, { ...init, method, headers, credentials: "omit" });
    const code = await codeOf(answer);
    const late = code === "invalid-proof" && !again;
    if (!late || !setClock(Date.parse(answer.headers.get("date")) / 1000)) return { answer, code };
  }
}

async function bind(secret) {
  const from = moment();
  const signal = AbortSignal.timeout(WAITS.answer);
  const { answer, code } = await call("Bearer", secret, BIND, { method: "POST", signal });
  if (code) return code;
  const given = await answer.json();
  setClock(given.now);
  token = { secret: given.token, lives: given.expires_in, from };
  return "";
}

// Asks the host page, which asks its own back end. It may answer late: what comes, counts.
function ask(reason) {
  say("token-expiring", { expires_in: Math.max(0, Math.floor(left())), reason });
  return pause(WAITS.host);
}

function offer({ token: secret }) {
  offered = secret;
  if (!ended()) renew("offered");
  wake();
}

const renew = (reason) => (renewing ??= renewal(reason).finally(() => { renewing = null; }));

async function renewal(reason) {
  for (let round = 0; !ended(); round += 1) {
    if (!offered) await ask(reason);
    const secret = offered;
    let code = "no-token";
    if (secret) {
      code = await bind(secret).catch((error) => (error.message === "insecure-context" ? error.message : "offline"));
      // Bound, spent or refused: it serves once. Only a call that was lost may be tried again.
      if (code !== "offline" && offered === secret) offered = null;
    }
    if (!code) return bound();
    if (lose(code) && state !== "locked") return;
    if (code === "insecure-context") {
      state = "insecure";
      return say("error", { code });
    }
    // Without a host page that answers there is nobody to ask; what is shown stays.
    if (code === "no-token" && !port) return;
    if (code === "offline" && round > 2) offered = null;
    if (left() <= 0) trouble(code);
    // The first refusal may be a race with another launch; after that, patience.
    if (code !== "invalid-token" || round > 1) await backoff(round);
    reason = "retry";
  }
}

function bound() {
  told = false;
  tell("");
  plan();
  prepare();
  if (doc.querySelector(".filters.failed")) refresh();
}

let timer = 0;
function plan() {
  clearTimeout(timer);
  const lead = Math.min(60, token.lives / 2);
  timer = setTimeout(check, Math.max(0, left() - lead) * 1000);
}

// Asked by timers that may be late, and whenever the reader, the network or the page comes back.
function check() {
  if (renewing || ended() || (token && !due()) || !(offered || port)) return;
  renew(!token ? "retry" : left() > 0 ? "expiring" : "expired");
}

// Nothing can be fetched: a quiet line, and once a word to the host page.
function trouble(code) {
  if (state || !port) return;
  tell("reconnecting");
  if (told || code === "offline") return;
  told = true;
  say("auth-lost", { reason: "token" });
}

// Access that ended for another reason than time. Says whether it did.
function lose(code) {
  const kind = { "session-ended": "over", "access-revoked": "revoked", "locked-down": "locked" }[code];
  if (!kind) return false;
  if (state === kind) return true;
  state = kind;
  if (kind === "over") {
    say("auth-lost", { reason: "session_ended" });
    tell("over", () => {
      key = makeKey();
      token = offered = null;
      state = "";
      tell("reconnecting");
      renew("reauthenticate");
    });
  } else {
    say("auth-lost", { reason: kind });
    if (kind === "revoked") token = offered = null;
    wipe(kind, kind === "revoked" && port && (() => say("relaunch", { reason: "revoked" })));
  }
  return true;
}

// A live token, if need be after waiting for it.
async function usable() {
  // Not one that would end on its way.
  if (token && left() > Math.min(2, token.lives / 5)) return token.secret;
  if (ended()) throw new Error(state);
  await Promise.race([renew(left() > 0 ? "expiring" : token ? "expired" : "launch"), sleep(WAITS.data)]);
  if (left() <= 0) throw new Error("no token");
  return token.secret;
}

// What the islands fetch with: same origin, token and proof added.
async function signedFetch(address, init = {}) {
  const url = new URL(address, location.href);
  if (url.origin !== location.origin) throw new TypeError("another origin");
  for (let again = false; ; again = true) {
    try {
      const { answer, code } = await call("DPoP", await usable(), url, init);
      if (hushed === "reconnecting" && left() > 0) tell("");
      if (lose(code) || again || !/^invalid-(token|proof)$/.test(code)) return answer;
    } catch (error) {
      if (!(init.signal && init.signal.aborted)) trouble("offline");
      throw error;
    }
    // The server knows better than our clocks.
    token = { ...token, lives: 0 };
  }
}

// Whether access still holds, asked while somebody looks.
let pulsing = false, deaf = false;
async function pulse() {
  check();
  if (pulsing || deaf || doc.hidden || left() <= 0 || ended() || !navigator.onLine) return;
  pulsing = true;
  const signal = AbortSignal.timeout(WAITS.answer);
  const known = token.secret;
  const { code } = await call("DPoP", known, PULSE, { signal }).catch(() => ({ code: "offline" }));
  pulsing = false;
  if (code === "not-found") deaf = true;
  else if (code === "offline") trouble(code);
  else if (lose(code)) return;
  else if (/^invalid-(token|proof)$/.test(code) && token && token.secret === known) {
    token = { ...token, lives: 0 };
    check();
  } else if (!code) {
    if (state === "locked") post();
    else if (hushed === "reconnecting") bound();
  }
}
