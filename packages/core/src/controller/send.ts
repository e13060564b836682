import type { CallData } from "../api.ts";
import type { Job } from "../call/job.ts";
import { InputError } from "../errors.ts";
import type { CallOptions } from "../options.ts";
import type { Starter } from "./options.ts";
import type { Send } from "./run.ts";

/** Endpoint of a hook or a composable: a name, a function index, or a `start` function. */
export type HookEndpoint = string | number | Starter<never, never>;

/** A connection whose client can be waited for. */
export interface CallableConnection {
  ready(): Promise<{ submit: unknown }>;
}

/** The overload of `Client.submit` for endpoints without types. */
interface UntypedClient {
  submit<T>(endpoint: string | number, data: CallData | undefined, options: CallOptions<T>): Job<T>;
}

/**
 * Returns how the calls of an endpoint are sent.
 *
 * @throws InputError for a name or an index without a connection.
 */
export function sendTo<T>(endpoint: HookEndpoint, connection: CallableConnection | null): Send<T> {
  if (typeof endpoint === "object") return endpoint.start as unknown as Send<T>;
  if (!connection)
    throw new InputError(
      `There is no client to call ${JSON.stringify(endpoint)}: put the component inside of a provider.`,
    );
  return async (data, options) => {
    const client = (await connection.ready()) as UntypedClient;
    return client.submit<T>(endpoint, data as CallData, options);
  };
}

/** Returns the part of an endpoint that is compared: `null` for a `start` function. */
export function endpointKey(endpoint: HookEndpoint): string | number | null {
  return typeof endpoint === "object" ? null : endpoint;
}
