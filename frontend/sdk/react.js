/**
 * The React wrapper of <weir-dashboard>: properties in, events out, nothing else.
 *
 *   import { Dashboard } from "@weir/dashboard/react";
 *   <Dashboard origin="https://weir.example" dashboard="finance-overview" token={askMyBackEnd}
 *              filters={{ region: ["estrie"] }} onFilterChanged={({ filters }) => …} />
 *
 * Safe in StrictMode: the element opens once, however often React mounts it. A new function or object
 * in a property reloads nothing. On a server it renders an empty element.
 */
import { createElement, forwardRef, useEffect, useImperativeHandle, useRef } from "react";

const EVENTS = {
  ready: "onReady",
  loaded: "onLoaded",
  resized: "onResized",
  "filter-changed": "onFilterChanged",
  navigate: "onNavigate",
  export: "onExport",
  "token-expiring": "onTokenExpiring",
  "auth-lost": "onAuthLost",
  error: "onError",
};

export const Dashboard = forwardRef(function Dashboard(props, ref) {
  const { dashboard, locale, theme, height, origin, tokenUrl, token, filters, className, style, title } = props;
  const element = useRef(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  // The class is loaded in the browser alone: a server has no HTMLElement to extend.
  useEffect(() => {
    import("./weir.js");
  }, []);

  useEffect(() => {
    const { current } = element;
    const stop = new AbortController();
    for (const [name, handler] of Object.entries(EVENTS)) {
      current.addEventListener(name, (event) => latest.current[handler]?.(event.detail, event), stop);
    }
    return () => stop.abort();
  }, []);

  const asks = Boolean(token);
  useEffect(() => {
    element.current.token = asks ? (request) => latest.current.token(request) : null;
  }, [asks]);

  const asked = JSON.stringify(filters ?? null);
  useEffect(() => {
    const wanted = JSON.parse(asked);
    if (wanted) customElements.whenDefined("weir-dashboard").then(() => element.current?.setFilters(wanted));
  }, [asked]);

  useImperativeHandle(ref, () => element.current, []);

  const attributes = { dashboard, locale, theme, height, origin, "token-url": tokenUrl, "aria-label": title };
  return createElement("weir-dashboard", { ...attributes, class: className, style, ref: element });
});
