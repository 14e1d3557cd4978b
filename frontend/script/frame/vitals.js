// How fast this page was for its reader, as the browser measures it: told once, when they leave it,
// in numbers alone. Nothing waits for it, and nothing happens when it fails.
const observe = (type, read, more) => {
  try {
    if (!PerformanceObserver.supportedEntryTypes.includes(type)) return false;
    new PerformanceObserver((list) => list.getEntries().forEach(read)).observe({ type, buffered: true, ...more });
    return true;
  } catch {
    // A browser that does not measure it: what is not known is not told.
    return false;
  }
};

// When the reader saw the largest part, since the frame began to load. The browser tells late.
let largest = null;
observe("largest-contentful-paint", ({ startTime }) => { largest = startTime; });

const RUM = new URL("/rum", location.origin);
let first = null, shift = null, scriptErrors = 0, promiseErrors = 0;
// How long each thing that the reader did took to show, by its number.
const answers = new Map();
// A report can't wait for its proof when the page goes: one is made ahead, and anew before it is old.
let ready = null, reporting = false;

// What was not before their eyes from the start was not waited for: it says nothing.
if (facts.reports && !doc.hidden) {
  reporting = true;
  observe("paint", ({ name, startTime }) => { if (name === "first-contentful-paint") first = startTime; });
  // Shifts close to each other are one: the worst second, or five where they do not end.
  let sum = 0, began = -Infinity, last = 0;
  const shifted = ({ hadRecentInput, startTime, value }) => {
    if (hadRecentInput) return;
    if (startTime - last > 1000 || startTime - began > 5000) {
      sum = 0;
      began = startTime;
    }
    last = startTime;
    shift = Math.max(shift, sum += value);
  };
  if (observe("layout-shift", shifted)) shift = 0;
  const answered = ({ interactionId: id, duration }) => {
    if (id && (answers.has(id) || answers.size < 500)) answers.set(id, Math.max(duration, answers.get(id) || 0));
  };
  observe("event", answered, { durationThreshold: 16 });
  observe("first-input", answered);
  addEventListener("error", () => { scriptErrors += 1; });
  addEventListener("unhandledrejection", () => { promiseErrors += 1; });
  doc.addEventListener("visibilitychange", () => doc.hidden && report());
  addEventListener("pagehide", report);
  setInterval(prepare, 15_000);
}

async function prepare() {
  if (!reporting || !token || (ready && ready.secret === token.secret && secondsSince(ready.made) < 14)) return;
  const { secret } = token, made = moment();
  const proof = await key.then((own) => prove(own, "POST", RUM, secret)).catch(() => null);
  if (proof) ready = { secret, made, proof };
}

function report() {
  if (!reporting || !ready || left() <= 0) return;
  reporting = false;
  const most = 600_000;
  const whole = (value) => (Number.isFinite(value) ? Math.min(most, Math.max(0, Math.round(value))) : undefined);
  const [entry] = performance.getEntriesByType("navigation");
  // One in fifty is forgiven.
  const slowest = [...answers.values()].sort((one, other) => other - one);
  const body = JSON.stringify({
    release: facts.reports,
    lcp_ms: whole(largest),
    fcp_ms: whole(first),
    ttfb_ms: whole(entry && entry.responseStart),
    inp_ms: whole(slowest[Math.floor(slowest.length / 50)]),
    cls_thousandths: whole(shift === null ? shift : Math.min(100, shift) * 1000),
    script_errors: Math.min(1000, scriptErrors),
    promise_errors: Math.min(1000, promiseErrors),
  });
  const headers = { "content-type": "application/json", authorization: `DPoP ${ready.secret}`, dpop: ready.proof };
  fetch(RUM, { method: "POST", keepalive: true, credentials: "omit", headers, body }).catch(() => {});
}
