// Two clocks. performance.now() never jumps, but may stand still while the machine sleeps; Date.now()
// goes on through sleep, but people and time servers set it. How long something took is what the
// slower of our hopes says: the larger of the two. A clock set forward only makes us early.
const moment = () => ({ steady: performance.now(), wall: Date.now() });
const secondsSince = (past) => Math.max(performance.now() - past.steady, Date.now() - past.wall) / 1000;

// Weir's time, as far as this machine's clock can tell it; the server's answers correct it.
let ahead = 0;
const serverNow = () => Math.floor(Date.now() / 1000 + ahead);
const setClock = (seconds) => {
  if (!Number.isFinite(seconds)) return false;
  ahead = seconds - Date.now() / 1000;
  return true;
};

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Waits, but no longer than until something changes: the network, the reader or a token comes.
const waiting = new Set();
const pause = (milliseconds) => new Promise((resolve) => {
  const end = () => { clearTimeout(timer); waiting.delete(end); resolve(); };
  const timer = setTimeout(end, milliseconds);
  waiting.add(end);
});
const wake = () => waiting.forEach((end) => end());

// Longer from try to try, and never in step with a thousand other frames.
const backoff = (round) => pause(Math.min(30_000, 1000 * 2 ** round) * (0.5 + Math.random()));
