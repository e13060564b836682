import { expect, test } from "vitest";
import type { Http } from "../http/request.ts";
import { AppIdentity } from "./app-identity.ts";

/** The identity of an app, whose answers a test gives. */
function identity(): { app: AppIdentity; answers: ((id: number) => void)[] } {
  const answers: ((id: number) => void)[] = [];
  const send = (): Promise<object> =>
    new Promise((resolve) => answers.push((id) => resolve({ body: { app_id: id }, isJson: true, url: "" })));
  const http = { settings: { closed: new AbortController().signal }, send } as unknown as Http;
  return { app: new AppIdentity(http, () => ({ prefix: "", id: 1, heartbeat: false })), answers };
}

test("the app is certain once it has answered with its id", async () => {
  const { app, answers } = identity();
  app.doubt();
  const asked = [app.isSame(), app.isSame()];
  expect([app.isCertain, app.isRecent]).toEqual([false, false]);
  answers[0]!(1);
  expect(await Promise.all(asked)).toEqual([true, true]);
  expect(answers).toHaveLength(1);
  expect(app.isCertain).toBe(true);
});

test("bytes of a stream show nothing while the app is in doubt", () => {
  const { app } = identity();
  app.doubt();
  app.seen(performance.now());
  expect(app.isCertain).toBe(false);
});

test("a connection that is lost while the app is asked leaves it in doubt, and it is asked again", async () => {
  const { app, answers } = identity();
  const first = app.isSame();
  app.doubt();
  const second = app.isSame();
  answers[0]!(1);
  await first;
  expect(app.isCertain).toBe(false);
  answers[1]!(2);
  expect(await second).toBe(false);
  expect(app.isCertain).toBe(false);
});
