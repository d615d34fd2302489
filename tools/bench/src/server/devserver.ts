import { createDevServer } from "@podwire/devserver";
import { answerFootprints } from "./footprint.ts";
import { program } from "./program.ts";

// devserver in a process of its own, with a Pod whose program knows the commands.
const server = await createDevServer({ images: { bench: program }, limits: { sessions: 100_000 } });
await server.pods.run({ name: "bench", image: "bench" });
answerFootprints();
process.send?.({ port: Number(new URL(server.url).port), token: server.config.token });
process.on("disconnect", () => process.exit());
