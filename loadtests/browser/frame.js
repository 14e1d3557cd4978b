// What stands in the host page in the place of Weir's SDK: the same element, the same frame at the same
// moment and of the same size, with a plain address.
customElements.define("weir-dashboard", class extends HTMLElement {
  connectedCallback() {
    const width = this.clientWidth || 800;
    const height = Math.round(width * (width >= 1100 ? 0.75 : width >= 640 ? 1.2 : 2.4));
    const frame = document.createElement("iframe");
    frame.title = "Dashboard";
    frame.style.cssText = `display:block;width:100%;border:0;height:${height}px;color-scheme:light dark`;
    frame.src = new URL(import.meta.url).searchParams.get("frame");
    this.style.display = "block";
    this.append(frame);
  }
});
