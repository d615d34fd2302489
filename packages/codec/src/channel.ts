/** The channels of exec and attach: the first byte of every message. */
export const Channel = {
  /** Client to server, when stdin was requested. */
  Stdin: 0,
  /** Server to client; with a terminal it carries stderr too. */
  Stdout: 1,
  /** Server to client; never with a terminal. */
  Stderr: 2,
  /** Server to client: one Status, or plain text before v4. */
  Error: 3,
  /** Client to server: sizes of the terminal. */
  Resize: 4,
  /** Client to server, v5 only: closes the channel named in the second byte. */
  Close: 255,
} as const;
export type Channel = (typeof Channel)[keyof typeof Channel];
