// A notice in a frame: asks the page around it for a new launch, over the port that page hands out.
// It says the problem's name and nothing else, so it need not know who the page is.
(() => {
  const main = document.querySelector("main"), button = main.querySelector("button");
  const { code, next } = main.dataset;
  const lost = { "session-ended": "session_ended", "access-revoked": "revoked", "locked-down": "locked" }[code];
  if (parent === window) return;
  // What is mended at once need not be read.
  if (next === "now") {
    main.hidden = true;
    setTimeout(() => { main.hidden = false; }, 2000);
  }
  const greet = ({ data, ports, source }) => {
    if (source !== parent || !data || data.weir !== 1 || data.type !== "hello" || ports.length !== 1) return;
    removeEventListener("message", greet);
    const say = (type, more) => ports[0].postMessage({ weir: 1, type, ...more });
    const again = () => say("relaunch", { reason: lost || "token" });
    if (next === "now") return again();
    say("error", { code });
    if (lost) say("auth-lost", { reason: lost });
    if (next === "later") setTimeout(again, 15000 + Math.random() * 10000);
    button.hidden = next !== "button";
    button.onclick = () => { button.disabled = true; again(); };
    say("resized", { height: Math.ceil(document.body.getBoundingClientRect().height) });
  };
  addEventListener("message", greet);
})();
