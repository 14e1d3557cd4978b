// Around the script of an embedded dashboard, which runs after the first paint. The host page greets
// when the document is loaded, and that may be earlier: what it says meanwhile is kept.
{
  const kept = [];
  const keep = (event) => kept.length < 50 && kept.push(event);
  addEventListener("message", keep);
  afterPaint(() => {
    removeEventListener("message", keep);
    /* the frame's script */
    for (const event of kept) dispatchEvent(new MessageEvent("message", event));
  });
}
