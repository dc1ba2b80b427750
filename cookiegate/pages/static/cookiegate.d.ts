// Types of cookiegate.mjs, of `window.cookiegate` and of the events on `document`.

/** What the page knows. */
export interface Ready {
  /** Ids of the categories that are allowed now, those that are required included. */
  readonly allowed: readonly string[];
}

/** What has changed. */
export interface Change extends Ready {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** The same as `removed`. */
  readonly withdrawn: readonly string[];
}

export interface Events {
  /** The page knows what is allowed. A listener that comes later is called at once. */
  ready: Ready;
  /** The visitor has answered this page's banner. */
  first: Change;
  /** What is allowed has changed. */
  change: Change;
}

/** What the visitor saw while choosing, for the proof. */
export interface Shown {
  surface?: "banner" | "settings" | "api";
  language?: string;
  /** The version of the banner or the settings: `data-shown`, or the field of that name. */
  shown?: string;
  /** A random text of 16 to 64 characters, new for each choice. */
  once?: string;
}

/** The visitor's state, as the API returns it; `openapi.json` describes all of it. */
export interface State extends Ready {
  readonly status: "given" | "missing" | "expired" | "invalid" | "outdated";
  readonly should_ask: boolean;
  readonly granted: readonly string[];
  readonly signal: "dnt" | "gpc" | null;
  readonly [more: string]: unknown;
}

/** Returns whether cookies of a category may be set; false while nothing is known. */
export declare function allows(category: string): boolean;

/** Calls a listener for each event of this name. Call what it returns to stop that. */
export declare function on<Name extends keyof Events>(
  name: Name,
  listener: (detail: Events[Name], event?: CustomEvent<Events[Name]>) => void,
): () => void;

/** Replaces the visitor's choice: these categories, and no other optional one. */
export declare function choose(granted: readonly string[], shown?: Shown): Promise<State>;

/** Adds categories to the visitor's choice. */
export declare function grant(categories: readonly string[], shown?: Shown): Promise<State>;

/** Takes everything back. */
export declare function withdraw(): Promise<State>;

/** Asks the server what is allowed. */
export declare function refresh(): Promise<State>;

export interface Cookiegate {
  allows: typeof allows;
  on: typeof on;
  choose: typeof choose;
  grant: typeof grant;
  withdraw: typeof withdraw;
  refresh: typeof refresh;
}

/** `window.cookiegate`: until the script has loaded, an array that it will run. */
export interface Queue extends Partial<Cookiegate> {
  push(run: (cookiegate: Cookiegate) => void): unknown;
}

declare global {
  interface Window {
    cookiegate?: Queue;
  }
  interface DocumentEventMap {
    "cookiegate:ready": CustomEvent<Ready>;
    "cookiegate:first": CustomEvent<Change>;
    "cookiegate:change": CustomEvent<Change>;
    cookiegate: CustomEvent<Change>;
  }
}
