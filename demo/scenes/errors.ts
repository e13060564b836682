import { AppError, Client, InputError } from "@gradio-rx/node";
import { paint, print } from "../screen.ts";
import { tellError } from "../tell.ts";
import { duration } from "../text.ts";
import type { Scene } from "./scene.ts";

/** Errors of the app, and errors that are found before a request. */
export const errors: Scene = {
  title: "Errors that say what is wrong",
  code: [
    'await client.predict("/divide", { number: 1, by: 0 }); // the app refuses',
    'await client.predict("/divid", { number: 1, by: 2 });  // a slip of the pen',
  ],
  play: async ({ client, check }) => {
    const app = await failure(client.predict("/divide", { number: 1, by: 0 }));
    print(...tellError(app));
    if (app instanceof AppError)
      print(paint("dim", `   title "${app.title}", to be shown for ${duration(app.duration ?? 0)}`));

    const { slip, sent } = await slipOfThePen(client.app.url);
    const requests = `${sent === 0 ? "no" : sent} request${sent === 1 ? "" : "s"}`;
    print("", ...tellError(slip), paint("dim", `   told without the app: ${requests} sent`));

    const good = app instanceof AppError && slip instanceof InputError && sent === 0;
    check(good, "An AppError and an InputError, as they should be.", "These are not the errors that should have come.");
  },
};

/** Calls a wrong name and counts the requests. The client has no types, as the call would not compile otherwise. */
async function slipOfThePen(url: string): Promise<{ slip: unknown; sent: number }> {
  let requests = 0;
  const counting = (request: Request): Promise<Response> => {
    requests += 1;
    return fetch(request);
  };
  const client = await Client.connect(url, { fetch: counting });
  try {
    const before = requests;
    const slip = await failure(client.predict("/divid", { number: 1, by: 2 }));
    return { slip, sent: requests - before };
  } finally {
    await client.close();
  }
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  try {
    return new Error(`No error, but ${JSON.stringify(await call)}.`);
  } catch (error) {
    return error;
  }
}
