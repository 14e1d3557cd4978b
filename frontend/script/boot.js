// The script of every dashboard: closes menus, fetches files, wakes the islands. The page is complete
// without it.

// Nothing that is shown waits for a script: each runs when what stood before it is on the screen, which
// the browser notes when it is true; an animation frame is only the beginning of it. In a tab or a frame
// out of sight nothing is painted; there a second has to do.
const painted = new Promise((done) => new PerformanceObserver(done).observe({ type: "paint", buffered: true }));
const afterPaint = (act) => Promise.race([painted, new Promise((late) => setTimeout(late, 1000))]).then(act);

afterPaint(() => {
  const doc = document, root = doc.documentElement;
  const app = JSON.parse(doc.getElementById("weir-app").textContent);

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

  // All rows of a tile as a file. In a frame it is asked for with its token or not at all: by itself the
  // browser would send a member's cookie.
  const asks = () => (root.dataset.realm === "embed" ? window.__weir : window);
  const take = async (button) => {
    const told = button.nextElementSibling, { coming, cut, failed } = app.file;
    const say = (text) => {
      told.textContent = text;
      told.scrollIntoView({ block: "nearest" });
    };
    if (told.textContent === coming) return;
    say(coming);
    try {
      const answer = await asks().fetch(button.dataset.href);
      const refusal = answer.ok ? null : await answer.json();
      if (refusal) return say(`${refusal.title}. ${refusal.detail}`);
      const href = URL.createObjectURL(await answer.blob());
      Object.assign(doc.createElement("a"), { href, download: button.dataset.name }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60_000);
      say(answer.headers.get("weir-truncated") === "true" ? cut : "");
    } catch {
      say(failed);
    }
  };
  doc.addEventListener("click", (event) => {
    const button = event.target.closest("[data-export]");
    if (button) take(button);
  });

  // Islands last: after everything is shown, when the browser has nothing better to do.
  const wake = async () => {
    const islands = [...doc.querySelectorAll("leptos-island")];
    if (!islands.length || !app.js) return;
    const module = await import(app.js);
    await module.default({ module_or_path: app.wasm });
    module.hydrate();
    for (const island of islands) {
      const id = island.dataset.component;
      const stem = id.split("_")[0] + "_";
      const start = module[id] || module[Object.keys(module).find((name) => name.startsWith(stem))];
      if (start) await start(island);
    }
    root.dataset.islands = "awake";
  };
  // After the script of a frame, which they fetch through.
  const rest = () => afterPaint(() => (window.requestIdleCallback || setTimeout)(() => wake().catch(() => {})));
  if (doc.readyState === "complete") rest();
  else addEventListener("load", rest);
});
