/** An upgrade that a streaming server's own library refuses: bare, with no headers but those that it needs. */
export class HandshakeRefusal extends Error {
  override readonly name = "HandshakeRefusal";
  readonly code: number;
  readonly body: string;
  readonly headers: readonly string[];

  constructor(code: number, body = "", headers: readonly string[] = []) {
    super(body);
    this.code = code;
    this.body = body;
    this.headers = headers;
  }
}
