/** Output of an echo that arrives in callbacks, for somebody who waits for so many bytes of it. */
export interface Inbox {
  push(chunk: Uint8Array): void;
  arrived(bytes: number): Promise<void>;
}

export function createInbox(): Inbox {
  let unread = 0;
  let wanted = 0;
  let resolve: (() => void) | undefined;
  return {
    push(chunk) {
      unread += chunk.byteLength;
      if (!resolve || unread < wanted) return;
      unread -= wanted;
      resolve();
      resolve = undefined;
    },
    arrived(bytes) {
      return new Promise((done) => {
        wanted = bytes;
        resolve = done;
      });
    },
  };
}
