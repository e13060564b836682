import { AppError, Client, InputError } from "@gradio-rx/client";
import { duration } from "../duration.ts";
import type { Scene } from "./scene.ts";

/** Errors of the app, and errors that are found before a request. */
export const errors: Scene = {
  title: "Errors with a reason",
  code: [
    'await client.predict("/divide", { number: 1, by: 0 }); // fails in the app',
    'await client.predict("/divid", { number: 1, by: 2 });  // a typing error',
  ],
  room: { wide: 10, narrow: 13 },
  play: async ({ client, screen, check }) => {
    const app = await failure(client.predict("/divide", { number: 1, by: 0 }));
    screen.error(app);
    if (app instanceof AppError)
      screen.print(`title "${app.title}", shown for ${duration(app.duration ?? 0)}`, "quiet");

    const { error, sent } = await misspelledCall(client.app.url);
    const requests = `${sent === 0 ? "no" : sent} request${sent === 1 ? "" : "s"}`;
    screen.error(error);
    screen.print(`found without the app: ${requests} sent`, "quiet");

    const good = app instanceof AppError && error instanceof InputError && sent === 0;
    check(good, "An AppError and an InputError, as expected.", "Expected an AppError and an InputError.");
  },
};

/** Calls a wrong name and counts the requests. The client has no types, as the call would not compile otherwise. */
async function misspelledCall(url: string): Promise<{ error: unknown; sent: number }> {
  let requests = 0;
  const counting = (request: Request): Promise<Response> => {
    requests += 1;
    return fetch(request);
  };
  const client = await Client.connect(url, { fetch: counting });
  try {
    const before = requests;
    const error = await failure(client.predict("/divid", { number: 1, by: 2 }));
    return { error, sent: requests - before };
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
