export const v5 = "v5.channel.k8s.io";
export const v4 = "v4.channel.k8s.io";

/** v5 wherever it stands in the client's list, else v4; undefined when neither is there. Names are case-sensitive. */
export function chooseSubprotocol(offered: readonly string[]): string | undefined {
  return [v5, v4].find((name) => offered.includes(name));
}
