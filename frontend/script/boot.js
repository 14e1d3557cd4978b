// The page's own script: holds the token, talks to the host page, wakes the islands.
// The page is complete without it.
(() => {
  const doc = document, root = doc.documentElement;
  const data = doc.getElementById("weir-launch");
  const launch = JSON.parse(data.textContent);
  data.remove();
  const form = doc.getElementById("weir-filters");
  const field = form.elements.token;
  let token = launch.token, expires = 0, timer = 0, port = null;
  launch.token = null;

  // The token lives in this closure. A form post borrows it for as long as it takes.
  if (field) {
    field.removeAttribute("value");
    field.value = "";
    form.addEventListener("submit", () => {
      field.value = token;
      setTimeout(() => { field.value = ""; });
    });
  }
  const say = (type, more) => port && port.postMessage({ weir: 1, type, ...more });
  Object.defineProperty(window, "__weir", {
    value: Object.freeze({ token: () => token, fail: (code) => say("error", { code }) }),
  });

  // Renewal, on the monotonic clock: a minute before the end the host is asked for a new token.
  const renew = (seconds) => {
    expires = performance.now() + seconds * 1000;
    clearTimeout(timer);
    timer = setTimeout(() => say("token-expiring"), Math.max(0, seconds - 60) * 1000);
  };
  if (token) renew(launch.expires_in);

  // Content height, whatever the frame's own height is, so that the frame can shrink again.
  let told = 0;
  const measure = () => {
    const height = Math.ceil(doc.body.getBoundingClientRect().height);
    if (port && height !== told) say("resized", { height: (told = height) });
  };
  const settled = () => root.dataset.weir === "settled" && say("loaded", { tiles: launch.tiles });

  // One host, one port, once. Everything after the greeting goes over the port.
  const greet = (event) => {
    const hello = event.data;
    if (event.origin !== launch.host_origin || event.source !== parent) return;
    if (!hello || hello.weir !== 1 || hello.type !== "hello" || event.ports.length !== 1) return;
    removeEventListener("message", greet);
    port = event.ports[0];
    port.onmessage = ({ data }) => {
      if (!data || data.weir !== 1 || data.type !== "token" || typeof data.token !== "string") return;
      token = data.token;
      renew(Number(data.expires_in) || 60);
    };
    say("ready");
    measure();
    new ResizeObserver(measure).observe(doc.body);
    if (doc.readyState === "loading") doc.addEventListener("DOMContentLoaded", settled);
    else settled();
    if (performance.now() > expires - 60000) say("token-expiring");
  };
  if (launch.host_origin && parent !== window) addEventListener("message", greet);

  // Menus close when something else is touched, and with Escape.
  const shut = (keep) => {
    for (const menu of doc.querySelectorAll(".menu[open],.pick[open]")) {
      if (keep && menu.contains(keep)) continue;
      if (!keep && menu.contains(doc.activeElement)) menu.firstElementChild.focus();
      menu.open = false;
    }
  };
  doc.addEventListener("click", (event) => shut(event.target));
  doc.addEventListener("keydown", (event) => event.key === "Escape" && shut());

  // Islands last: after everything is shown, when the browser has nothing better to do.
  const wake = async () => {
    const islands = [...doc.querySelectorAll("leptos-island")];
    if (!islands.length || !launch.app_js) return;
    const app = await import(launch.app_js);
    await app.default({ module_or_path: launch.app_wasm });
    app.hydrate();
    for (const island of islands) {
      const id = island.dataset.component;
      const stem = id.split("_")[0] + "_";
      const start = app[id] || app[Object.keys(app).find((name) => name.startsWith(stem))];
      if (start) await start(island);
    }
    root.dataset.islands = "awake";
  };
  addEventListener("load", () => (window.requestIdleCallback || setTimeout)(() => wake().catch(() => {})));
})();
