// #region msw
import { Client } from "@gradio-rx/node";
import { createApp } from "@gradio-rx/testing";
import { http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, beforeAll, expect, test } from "vitest";

const app = createApp({ "/greet": (name: string) => `Hello ${name}` });
const server = setupServer(http.all("https://app.example/*", ({ request }) => app.fetch(request)));
beforeAll(() => server.listen());
afterAll(() => server.close());

test("the app greets", async () => {
  const client = await Client.connect("https://app.example");
  expect(await client.predict("/greet", ["Ada"])).toBe("Hello Ada");
  await client.close();
});
// #endregion msw
