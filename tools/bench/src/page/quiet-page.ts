import type { Browser } from "playwright";

/** A page to run code in that is left alone meanwhile. */
export interface QuietPage {
  /** Loads a URL anew. */
  load(url: string): Promise<void>;
  /** Runs an expression, waits for its promise, and answers with its value. */
  evaluate(expression: string): Promise<unknown>;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly error?: { readonly message: string };
  readonly result?: Evaluated;
}

interface Evaluated {
  readonly result?: { readonly value?: unknown };
  readonly exceptionDetails?: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}

/**
 * Opens a page that reports none of its network traffic. Playwright's own pages send it a copy of each WebSocket frame, in
 * base64 and JSON: that takes longer than all else and would make every client look alike. So this is one that Playwright
 * does not know, and of the DevTools Protocol it is spoken to with Runtime alone while it works.
 */
export async function openQuietPage(browser: Browser): Promise<QuietPage> {
  const devtools = await browser.newBrowserCDPSession();
  const { targetId } = await devtools.send("Target.createTarget", { url: "about:blank" });
  // Playwright's sessions know no sessions within; the older way has its messages in those of the browser.
  const { sessionId } = await devtools.send("Target.attachToTarget", { targetId, flatten: false });
  const waiting = new Map<number | string, { resolve(answer: Answer): void; reject(reason: Error): void }>();
  let lastId = 0;

  const hear = (key: number | string): Promise<Answer> =>
    new Promise((resolve, reject) => waiting.set(key, { resolve, reject }));
  devtools.on("Target.receivedMessageFromTarget", ({ message }) => {
    const answer = JSON.parse(message) as Answer;
    const key = answer.id ?? answer.method ?? "";
    waiting.get(key)?.resolve(answer);
    waiting.delete(key);
  });
  devtools.on("Target.detachedFromTarget", () => {
    for (const { reject } of waiting.values()) reject(new Error("the page is gone"));
    waiting.clear();
  });

  async function call(method: string, params: object = {}): Promise<Evaluated> {
    lastId += 1;
    const answered = hear(lastId);
    const message = JSON.stringify({ id: lastId, method, params });
    await devtools.send("Target.sendMessageToTarget", { sessionId, message });
    const { error, result = {} } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  return {
    async load(url) {
      await call("Page.enable");
      const loaded = hear("Page.loadEventFired");
      await call("Page.navigate", { url });
      await loaded;
      await call("Page.disable");
    },
    async evaluate(expression) {
      const { result, exceptionDetails } = await call("Runtime.evaluate", {
        expression,
        awaitPromise: true,
        returnByValue: true,
      });
      if (!exceptionDetails) return result?.value;
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    },
  };
}
