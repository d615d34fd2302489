/** The longest delay of a timer, in milliseconds: beyond it Node's fires at once. */
export const longestTimerMs = 2_147_483_647;
