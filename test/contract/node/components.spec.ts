import { expect, test } from "vitest";
import { connect, errorOf } from "../place.ts";

test("a component's server function is called by the component's id", async () => {
  const client = await connect();
  const components = client.config["components"] as { id: number; type: string }[];
  const { id } = components.find(({ type }) => type === "fileexplorer")!;
  const files = (await client.callComponent(id, "ls", [])) as { name: string; type: string }[];
  expect(files).toContainEqual(expect.objectContaining({ name: "app.py", type: "file" }));
  expect(await errorOf(client.callComponent(id, "nothing", []))).toMatchObject({ status: 404 });
});
