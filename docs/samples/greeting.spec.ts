// #region spec
import { Client } from "@gradio-rx/node";
import { AppFailure, serveApp } from "@gradio-rx/testing";
import { expect, test } from "vitest";

test("the app greets, and rejects an empty name", async () => {
  const app = await serveApp({
    "/greet"(name: string) {
      if (name === "") throw new AppFailure("Enter a name.");
      return `Hello ${name}`;
    },
  });
  const client = await Client.connect(app.url);
  expect(await client.predict("/greet", ["Ada"])).toBe("Hello Ada");
  await expect(client.predict("/greet", [""])).rejects.toThrow("Enter a name.");
  expect(app.count("POST", "/queue/join")).toBe(2);
  await client.close();
  await app.close();
});
// #endregion spec
