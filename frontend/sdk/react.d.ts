import type { CSSProperties, ForwardRefExoticComponent, RefAttributes } from "react";
import type { Filters, Token, TokenRequest, WeirDashboard, WeirDashboardEventMap } from "./weir.js";

type Detail<K extends keyof WeirDashboardEventMap> = (
  detail: WeirDashboardEventMap[K]["detail"],
  event: WeirDashboardEventMap[K],
) => void;

export interface DashboardProps {
  dashboard: string;
  /** Weir's origin, for example `https://weir.example`. */
  origin: string;
  /** An address of your back end, or a function that asks it. One of the two. */
  tokenUrl?: string;
  token?: (request: TokenRequest) => Promise<Token>;
  locale?: "fr-CA" | "en-CA";
  theme?: "light" | "dark" | "auto" | "contrast";
  /** Pixels reserved until the dashboard says its own height. */
  height?: number;
  /** Set whenever the value changes; what the reader chooses comes back by `onFilterChanged`. */
  filters?: Filters;
  /** The frame's name for screen readers. */
  title?: string;
  className?: string;
  style?: CSSProperties;
  onReady?: Detail<"ready">;
  onLoaded?: Detail<"loaded">;
  onResized?: Detail<"resized">;
  onFilterChanged?: Detail<"filter-changed">;
  /** Call `event.preventDefault()` to follow the link yourself. */
  onNavigate?: Detail<"navigate">;
  onExport?: Detail<"export">;
  onTokenExpiring?: Detail<"token-expiring">;
  onAuthLost?: Detail<"auth-lost">;
  onError?: Detail<"error">;
}

export const Dashboard: ForwardRefExoticComponent<DashboardProps & RefAttributes<WeirDashboard>>;
