import type { Socket } from "node:net";

type WriteDone = (error?: Error | null) => void;

/**
 * Lets a connection be read to its end when it cannot be written any more. A peer that has said everything may reset
 * the connection because it did not read our bytes (a server whose command left stdin unread does); what it said has
 * arrived before, but Node destroys a socket at the first write that fails, with all that is unread.
 */
export function readBeforeFailing(socket: Socket): void {
  let failing: (() => void) | undefined;
  const held = (done: WriteDone): WriteDone => {
    return (error) => {
      if (!error || socket.readableEnded || socket.destroyed) done(error);
      else failing ??= () => done(error);
    };
  };
  // The two methods that a stream's maker implements, between the stream's own buffer and the operating system.
  const write = socket._write.bind(socket);
  socket._write = (chunk, encoding, done) => write(chunk, encoding, held(done));
  const writev = socket._writev?.bind(socket);
  if (writev) socket._writev = (chunks, done) => writev(chunks, held(done));
  socket.once("end", () => failing?.());
}
