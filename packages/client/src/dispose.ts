/** `Symbol.asyncDispose`, also where the runtime lacks it; compilers look for the same registered symbol. */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");
