/** Tests of the transport suite that do not hold in workerd, with what it does instead; each of them has to fail. */
export const inapplicable: Readonly<Record<string, string>> = {
  "workerd > a handshake fails > when the answer breaks the rules of RFC 6455: /wrong-accept":
    "its fetch makes an answer of 502 of it, so it is HANDSHAKE_REFUSED",
  "workerd > a handshake fails > when the answer breaks the rules of RFC 6455: /extension":
    "its fetch makes an answer of 502 of it, so it is HANDSHAKE_REFUSED",
  "workerd > a handshake fails > when the answer breaks the rules of RFC 6455: /not-http":
    "its fetch says that the connection was lost and no more, so it is CONNECT_FAILED",
  "workerd > a handshake fails > when the answer breaks the rules of RFC 6455: /hang-up":
    "its fetch says that the connection was lost and no more, so it is CONNECT_FAILED",
  "workerd > a handshake fails > when nobody listens": "its errors have no code, so there is no cause",
  "workerd > no secret shows in the error of > a header that is none":
    "its fetch trims the line break off the header, as the Fetch standard has it, and connects",
};
