import { chromium } from "playwright";
import { chromiumArguments, findChromium } from "./chromium.ts";

/** A tab that is hidden while another is in front, with all that Chromium does to those. */
export interface Tab {
  /** Evaluates an expression, and answers with what it resolves with, as JSON has it. */
  evaluate(expression: string): Promise<unknown>;
  activate(): Promise<void>;
}

/** A Chromium with one window. Playwright's own pages are never hidden: it makes each believe to be in front. */
export interface Tabs extends AsyncDisposable {
  open(url: string): Promise<Tab>;
  /** The processes of all pages. */
  pagePids(): Promise<readonly number[]>;
}

/** What Playwright switches off, and somebody's browser has. */
const throttling = [
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--disable-background-timer-throttling",
];

interface Answer {
  readonly id?: number;
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: {
      readonly text: string;
      readonly exception?: { readonly description?: string };
    };
  };
  readonly error?: { readonly message: string };
}

/** Starts a Chromium whose tabs are driven by its protocol alone. */
export async function launchTabs(): Promise<Tabs> {
  const executablePath = findChromium();
  const asking = "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets";
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: [...chromiumArguments, asking],
    ignoreDefaultArgs: throttling,
  });
  const root = await browser.newBrowserCDPSession();
  const waiting = new Map<string, (answer: Answer) => void>();
  root.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => {
    const answer: Answer = JSON.parse(message);
    waiting.get(`${sessionId} ${answer.id}`)?.(answer);
  });
  let last = 0;

  return {
    async open(url) {
      const { targetId } = await root.send("Target.createTarget", { url });
      const { sessionId } = await root.send("Target.attachToTarget", { targetId, flatten: false });
      return {
        async evaluate(expression) {
          const id = ++last;
          const params = { expression, awaitPromise: true, returnByValue: true };
          const answered = new Promise<Answer>((resolve) => waiting.set(`${sessionId} ${id}`, resolve));
          const message = JSON.stringify({ id, method: "Runtime.evaluate", params });
          await root.send("Target.sendMessageToTarget", { sessionId, message });
          const { result, error } = await answered;
          waiting.delete(`${sessionId} ${id}`);
          const thrown = result?.exceptionDetails;
          if (error || thrown)
            throw new Error(error?.message ?? thrown?.exception?.description ?? thrown?.text);
          return result?.result?.value;
        },
        async activate() {
          await root.send("Target.activateTarget", { targetId });
        },
      };
    },
    async pagePids() {
      const { processInfo } = await root.send("SystemInfo.getProcessInfo");
      return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
    },
  };
}
