import { checkInteger } from "./check-integer.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { type Traits, traitsOf } from "./personality.ts";
import { type Place, placeOf } from "./place.ts";
import type { DevServerOptions } from "./server.ts";

/** What options mean. */
export interface CheckedOptions {
  readonly traits: Traits;
  readonly limits: Limits;
  readonly place: Place;
}

/** Throws a TypeError or RangeError for an option that is none. */
export function checkOptions(options: Required<DevServerOptions>): CheckedOptions {
  const { port, token, images, allowedOrigins, tls, personality, idleMs, strict } = options;
  checkInteger("port", port, 0, 65_535);
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
    throw new TypeError("token must be a text that a header can carry, without spaces");
  }
  for (const [name, image] of Object.entries(images)) {
    if (image === "process" || typeof image === "function") continue;
    throw new TypeError(`images[${JSON.stringify(name)}] must be "process" or a function`);
  }
  if (!Array.isArray(allowedOrigins)) throw new TypeError("allowedOrigins must be a list");
  for (const origin of allowedOrigins) {
    if (typeof origin === "string" && URL.canParse(origin) && new URL(origin).origin === origin) continue;
    const example = "such as http://localhost:5173, without a path";
    throw new TypeError(`allowedOrigins has ${JSON.stringify(origin)}, which is no origin (${example})`);
  }
  if (typeof tls !== "boolean") throw new TypeError("tls must be true or false");
  const place = placeOf(options.host, options.allowedHosts, tls);
  checkInteger("idleMs", idleMs, 0);
  if (typeof strict !== "boolean" && typeof strict !== "function") {
    throw new TypeError("strict must be true, false or a function");
  }
  if (typeof personality !== "string") throw new TypeError('personality must be a version, such as "1.29"');
  const traits = traitsOf(personality);
  if (traits) return { traits, limits: limitsOf(options.limits), place };
  throw new RangeError(`personality must be a version from 1.20 on, such as "1.29", not ${personality}`);
}
