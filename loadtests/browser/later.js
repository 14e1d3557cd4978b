// Evaluated after `vitals.js`: what the page loads once it is shown, and where a reader would press.
(async () => {
  const root = document.documentElement;
  const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const asleep = () => document.querySelector("leptos-island") && root.dataset.islands !== "awake";
  for (let tries = 0; asleep() && tries < 200; tries += 1) await sleep(50);
  const [navigation] = performance.getEntriesByType("navigation");
  const all = [navigation, ...performance.getEntriesByType("resource")];
  const places = [".pick > summary", ".menu > summary"].flatMap((selector) => {
    const found = document.querySelector(selector)?.getBoundingClientRect();
    return found ? [{ x: found.x + found.width / 2, y: found.y + found.height / 2 }] : [];
  });
  const pressed = (window.__pressed = []);
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries()) if (interactionId) pressed.push(duration);
  }).observe({ type: "event", durationThreshold: 16 });
  return {
    requests: all.length,
    bytes: all.reduce((sum, { transferSize }) => sum + transferSize, 0),
    awake: !asleep(),
    places,
  };
})()
