import { explore } from "./explore.ts";

/** Answers with its report whoever posts where to go. */
export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return Response.json(await explore(await request.json()));
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 });
    }
  },
};
