// The rest of the page asks through here, and holds no token itself.
Object.defineProperty(window, "__weir", { value: Object.freeze({ fetch: signedFetch }) });

form.addEventListener("submit", (event) => {
  event.preventDefault();
  post();
});
form.addEventListener("change", () => say("filter-changed", { filters: chosen() }));

// Links to another dashboard are the host page's to follow; of files it is told.
doc.addEventListener("click", (event) => {
  const link = port && event.target.closest("[data-dashboard],[data-export]");
  if (!link) return;
  const { dashboard, export: format } = link.dataset;
  if (format) return say("export", { tile: link.closest("[data-tile]").dataset.tile, format });
  event.preventDefault();
  say("navigate", { dashboard });
});

if (parent !== window) addEventListener("message", greet);
renew("launch");

// Sleep, a lost network, a page that comes back from the browser's own cache: each ends every wait.
const back = () => {
  if (doc.hidden) return;
  wake();
  pulse();
};
setInterval(pulse, WAITS.pulse);
addEventListener("online", back);
addEventListener("pageshow", back);
doc.addEventListener("visibilitychange", back);
