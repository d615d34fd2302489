/**
 * The order in which lanes run in a round, as their indices: a Williams design, in which, over twice as many rounds as
 * there are lanes, each lane runs equally often right after each other one. What one leaves behind, such as a
 * processor's warmth or garbage still being collected, is then nobody's cost more than another's.
 */
export function turnsOf(round: number, lanes: number): number[] {
  const order = Array.from({ length: lanes }, (_, turn) => {
    // 0, 1, -1, 2, -2: every distance between neighbours, once.
    const step = turn % 2 === 1 ? (turn + 1) / 2 : lanes - turn / 2;
    return (round + step) % lanes;
  });
  return Math.floor(round / lanes) % 2 === 1 ? order.reverse() : order;
}
