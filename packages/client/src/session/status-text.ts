import type { Status } from "@podwire/codec";

/**
 * The text of v1 as the Status that later protocols send for it: servers write it in one message, only for failures,
 * and say an exit code other than 0 at its end (protocol notes in codec's PROTOCOL.md).
 */
export function statusOfText(bytes: Uint8Array): Status {
  const message = new TextDecoder().decode(bytes);
  const failure: Status = { status: "Failure", message };
  const [, code] = /^command terminated with .*exit code (\d{1,3})$/s.exec(message) ?? [];
  if (code === undefined) return failure;
  return {
    ...failure,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: code }] },
  };
}
