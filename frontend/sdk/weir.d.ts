/** What the dashboard's filters hold. A choice is a list of values (none means all), `period` two days. */
export interface Filters {
  period?: { from: string; to: string };
  [filter: string]: string[] | { from: string; to: string } | undefined;
}

/** What your back end got from `POST /api/v1/embed-tokens`. */
export interface Token {
  token: string;
  expires_in: number;
}

/** What a token is asked for. */
export interface TokenRequest {
  dashboard: string;
  locale: string | null;
  /**
   * `launch`: the dashboard opens. `expiring`: a minute before the end. `expired`: the machine slept
   * or was offline. `reauthenticate`: after twelve hours, and the reader pressed "Continue".
   * `retry`: an earlier answer did not do.
   */
  reason: "launch" | "expiring" | "expired" | "reauthenticate" | "retry" | "offered";
  /** Aborted when the answer is no longer wanted, at the latest after ten seconds. */
  signal: AbortSignal;
}

/** Events of `<weir-dashboard>`. None of them bubbles. */
export interface WeirDashboardEventMap {
  /** The dashboard is on the screen and listens. */
  ready: CustomEvent<Record<string, never>>;
  /** Every tile is there. `lcp_ms`: when its largest part was painted, or null where not measured. */
  loaded: CustomEvent<{ tiles: number; lcp_ms: number | null }>;
  /** The element took this height. */
  resized: CustomEvent<{ height: number }>;
  /** The reader or this page changed a filter. */
  "filter-changed": CustomEvent<{ filters: Filters }>;
  /** The reader wants another dashboard; `preventDefault()` keeps the element from opening it. */
  navigate: CustomEvent<{ dashboard: string }>;
  /** The reader takes a tile along as a file; the frame fetches it, nothing has to be done here. */
  export: CustomEvent<{ tile: string; format: string }>;
  /** A token is being asked for; nothing has to be done here. */
  "token-expiring": CustomEvent<{ expires_in: number | null; reason: string }>;
  /** The figures can't be kept up to date any more, or had to go. */
  "auth-lost": CustomEvent<{ reason: "session_ended" | "revoked" | "locked" | "token" }>;
  /** Something went wrong. The reader has been told; `code` is for your log. */
  error: CustomEvent<{ code: string; message?: string; cause?: unknown }>;
}

/** `<weir-dashboard>`. */
export class WeirDashboard extends HTMLElement {
  /** Waits, attempts and sizes, in milliseconds and pixels. */
  static limits: Record<string, number | number[]>;

  /** Answers with a fresh token each time; instead of the attribute `token-url`. */
  token: ((request: TokenRequest) => Promise<Token>) | null;

  /** Sets the named filters and leaves the others. It narrows what the token opens, never more. */
  setFilters(filters: Filters): void;
  setLocale(locale: "fr-CA" | "en-CA"): void;
  setTheme(theme: "light" | "dark" | "auto" | "contrast"): void;
  /** Opens another dashboard in this element. */
  navigate(dashboard: string): void;
  /** Asks for all figures anew. */
  refresh(): void;
  /** The browser's print dialogue, for the dashboard alone. */
  print(): void;

  addEventListener<K extends keyof WeirDashboardEventMap>(
    type: K,
    listener: (this: WeirDashboard, event: WeirDashboardEventMap[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "weir-dashboard": WeirDashboard;
  }
}
