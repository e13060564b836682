import type { EndpointInfo } from "@gradio-rx/node";
import type { BatchClient } from "../src/copies/copy.ts";
import type { App } from "../src/run/member.ts";

/**
 * Returns an app without a server, so that only the batch itself costs anything. Its endpoint `/echo` answers a call at once.
 *
 * @param answer - returns the result for the first input.
 */
export function memoryApp(answer: (value: number) => unknown): App {
  const endpoints = [{ name: "/echo", index: 0, stateful: false } as EndpointInfo];
  const submit = (_: string, [value]: [number]): unknown => ({
    on: () => () => undefined,
    result: async () => answer(value),
  });
  const client = { endpoints, submit, close: async () => undefined } as unknown as BatchClient;
  return { app: "memory", connect: async () => client };
}
