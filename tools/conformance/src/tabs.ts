import { chromium } from "playwright";
import { chromiumOptions } from "./chromium.ts";

/**
 * A tab as somebody's own: hidden while another is in front, with all that Chromium does to those; and its traffic is
 * nobody's business. Playwright's pages each believe to be in front, and send it a copy of every WebSocket message in
 * base64 and JSON, which takes longer than all else that a page does with one.
 */
export interface Tab {
  /** Loads a page anew. */
  load(url: string): Promise<void>;
  /** Evaluates an expression, and answers with what it resolves with, as JSON has it. */
  evaluate(expression: string): Promise<unknown>;
  activate(): Promise<void>;
  /** Leaves in memory only what is used. */
  collectGarbage(): Promise<void>;
}

/** A Chromium with one window. */
export interface Tabs extends AsyncDisposable {
  open(url: string): Promise<Tab>;
  /** The processes of all pages; more than tabs, for Chromium keeps one ready. */
  pageProcesses(): Promise<readonly PageProcess[]>;
}

export interface PageProcess {
  readonly pid: number;
  /** CPU time, in seconds. */
  readonly cpuTime: number;
}

/** What Playwright switches off, and somebody's browser has. */
const throttling = [
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--disable-background-timer-throttling",
];

interface Answer {
  readonly id?: number;
  readonly params?: { readonly name?: string; readonly loaderId?: string };
  readonly result?: {
    readonly loaderId?: string;
    readonly errorText?: string;
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: {
      readonly text: string;
      readonly exception?: { readonly description?: string };
    };
  };
  readonly error?: { readonly message: string };
}

/** Starts a Chromium whose tabs are driven by its protocol alone. */
export async function launchTabs(...more: readonly string[]): Promise<Tabs> {
  const browser = await chromium.launch({ ...chromiumOptions(...more), ignoreDefaultArgs: throttling });
  const root = await browser.newBrowserCDPSession();
  const waiting = new Map<string, (answer: Answer) => void>();
  const loaded = new Set<string>();
  const ended = new Map<string, string>();
  const tell = (key: string, answer: Answer): void => {
    waiting.get(key)?.(answer);
    waiting.delete(key);
  };
  root.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => {
    const answer: Answer = JSON.parse(message);
    const { id, params } = answer;
    if (id !== undefined) return tell(`${sessionId} ${id}`, answer);
    if (params?.name !== "load" || params.loaderId === undefined) return;
    loaded.add(params.loaderId);
    tell(`${sessionId} ${params.loaderId}`, answer);
  });
  const end = (sessionId: string, message: string): void => {
    ended.set(sessionId, message);
    for (const key of waiting.keys()) if (key.startsWith(`${sessionId} `)) tell(key, { error: { message } });
  };
  root.on("Target.detachedFromTarget", ({ sessionId }) => end(sessionId, "the tab is gone"));
  await root.send("Target.setDiscoverTargets", { discover: true });
  let last = 0;

  return {
    async open(url) {
      const { targetId } = await root.send("Target.createTarget", { url: "about:blank" });
      // Playwright knows no sessions within sessions; the older way has their messages in those of the browser.
      const { sessionId } = await root.send("Target.attachToTarget", { targetId, flatten: false });
      root.on("Target.targetCrashed", (crash) => {
        if (crash.targetId !== targetId) return;
        end(sessionId, `the page has crashed: ${crash.status} ${crash.errorCode}`);
      });
      const hear = async (what: number | string): Promise<Answer["result"]> => {
        const message = ended.get(sessionId);
        if (message !== undefined) throw new Error(message);
        const { result, error } = await new Promise<Answer>((resolve) =>
          waiting.set(`${sessionId} ${what}`, resolve),
        );
        if (error) throw new Error(error.message);
        return result;
      };
      const call = async (method: string, params: object = {}): Promise<Answer["result"]> => {
        const id = ++last;
        const message = JSON.stringify({ id, method, params });
        const sent = root.send("Target.sendMessageToTarget", { sessionId, message });
        const [answer] = await Promise.all([hear(id), sent]);
        return answer;
      };
      const tab: Tab = {
        async load(address) {
          await call("Page.enable");
          await call("Page.setLifecycleEventsEnabled", { enabled: true });
          const { loaderId = "", errorText } = (await call("Page.navigate", { url: address })) ?? {};
          if (errorText) throw new Error(`${address} does not load: ${errorText}`);
          if (!loaded.has(loaderId)) await hear(loaderId);
          await call("Page.disable");
        },
        async evaluate(expression) {
          const params = { expression, awaitPromise: true, returnByValue: true };
          const result = await call("Runtime.evaluate", params);
          const thrown = result?.exceptionDetails;
          if (thrown) throw new Error(thrown.exception?.description ?? thrown.text);
          return result?.result?.value;
        },
        async activate() {
          await root.send("Target.activateTarget", { targetId });
        },
        async collectGarbage() {
          await call("HeapProfiler.collectGarbage");
        },
      };
      await tab.load(url);
      return tab;
    },
    async pageProcesses() {
      const { processInfo } = await root.send("SystemInfo.getProcessInfo");
      const pages = processInfo.filter(({ type }) => type === "renderer");
      return pages.map(({ id, cpuTime }) => ({ pid: id, cpuTime }));
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
    },
  };
}
