import { InputError } from "@gradio-rx/node";
import type { Rules } from "./store.ts";

/** Returns the error for a store that was made for another endpoint. */
export function anotherEndpoint(known: Rules, rules: Rules): InputError {
  const [was, is] = [known, rules].map(({ endpoint }) => JSON.stringify(endpoint));
  return new InputError(
    `The store belongs to a batch of the endpoint ${was}, not ${is}. Use another store for another endpoint.`,
    { parameter: "store" },
  );
}
