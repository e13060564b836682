import { InputError } from "@gradio-rx/core";
import { expect, test } from "vitest";
import { Client, type NodeConnectOptions } from "./index.ts";

test.each([
  ["agent", "must be an agent of node:http or node:https"],
  ["cookies", "must be a string"],
  ["downloadFiles", "must be true, a folder, or an object"],
  ["ipToken", "must be a string or a function"],
  ["localFiles", "must be true, a folder, or a function"],
])("a number as %s is an InputError that names the option", async (name, reason) => {
  const options = { [name]: 5 } as NodeConnectOptions;
  const error: unknown = await Client.connect("http://127.0.0.1:9", options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect(error).toHaveProperty("message", `The option "${name}" ${reason}.`);
});
