// Evaluated inside the frame once its paint is over: what the browser noted while it loaded. Nothing
// was put into the page before, so nothing here could make it slower.
(async () => {
  const root = document.documentElement;
  const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const whole = () => document.readyState === "complete" && root.dataset.weir === "settled";
  for (let tries = 0; !whole(); tries += 1) {
    if (tries > 600) throw new Error(`the frame never settled: ${document.title} ${document.body.innerText.slice(0, 200)}`);
    await sleep(50);
  }
  const noted = (type) => {
    const list = [];
    new PerformanceObserver((news) => list.push(...news.getEntries())).observe({ type, buffered: true });
    return list;
  };
  const [largest, paints, shifts, tasks] =
    ["largest-contentful-paint", "paint", "layout-shift", "longtask"].map(noted);
  // Entries come late; a candidate counts as the last when none follows for a while.
  for (let quiet = 0, seen = -1, tries = 0; quiet < 6; tries += 1) {
    if (tries > 400) throw new Error("the frame was never painted");
    await sleep(50);
    quiet = paints.length && largest.length === seen ? quiet + 1 : 0;
    seen = largest.length;
  }
  const [navigation] = performance.getEntriesByType("navigation");
  // A frame of another site may be painted before the browser knows how much of it is in sight; what
  // was painted then is no candidate. The first paint held it all the same.
  const unseen = largest.length === 0;
  const lcp = largest.at(-1) ?? { startTime: paints.at(-1).startTime, size: 0 };
  const element = lcp.element;
  const tile = element?.closest("[data-tile]")?.dataset.tile ?? null;
  // Layout shifts in windows of at most five seconds with gaps below one (the definition of CLS).
  let cls = 0, sum = 0, first = 0, last = -Infinity;
  for (const { startTime, value, hadRecentInput } of shifts) {
    if (hadRecentInput) continue;
    if (startTime - last > 1000 || startTime - first > 5000) [sum, first] = [0, startTime];
    sum += value;
    last = startTime;
    cls = Math.max(cls, sum);
  }
  const server = Object.fromEntries((navigation.serverTiming ?? []).map(({ name, duration }) => [name, duration]));
  // Late tiles stand where they came in, behind those of the first answer.
  const end = [...document.querySelectorAll("main > [data-tile]")].at(-1)?.dataset.tile ?? null;
  return {
    origin: performance.timeOrigin,
    lcp: lcp.startTime,
    fcp: paints.find(({ name }) => name === "first-contentful-paint")?.startTime ?? lcp.startTime,
    cls,
    requested: navigation.requestStart,
    ttfb: navigation.responseStart,
    downloaded: navigation.responseEnd,
    parsed: navigation.domInteractive,
    server,
    tile,
    last: end,
    unseen,
    stale: document.querySelector(".whose.stale") !== null,
    largest: element ? [element.localName, ...element.classList].join(".") : unseen ? "the first paint" : "gone",
    size: lcp.size,
    long_tasks: tasks.length,
    blocked: tasks.reduce((sum, { duration }) => sum + Math.max(0, duration - 50), 0),
    document_bytes: navigation.encodedBodySize,
    whole_bytes: navigation.decodedBodySize,
  };
})()
