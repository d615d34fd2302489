export { type ExchangeStep, type ExchangeVector, exchanges } from "./exchange/exchanges.ts";
export { type ExchangeSuiteOptions, type ExchangeTarget, exchangeSuite } from "./exchange/suite.ts";
export type { Runner } from "./runner.ts";
