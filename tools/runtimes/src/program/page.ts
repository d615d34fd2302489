import { explore } from "./explore.ts";

// For whoever drives the page.
Object.assign(globalThis, { explore });
