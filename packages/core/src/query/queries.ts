import type { AnyName, CallData, DataOf, NameOf, OutputOf, Untyped } from "../api.ts";
import type { Job } from "../call/job.ts";
import type { Client } from "../client.ts";
import { isRetryable, RateLimitError } from "../errors.ts";
import { auditFrame } from "../operators/audit-frame.ts";
import type { CallOptions } from "../options.ts";
import { keyOf, nameOf } from "./keys.ts";
import type {
  GradioMutationOptions,
  GradioQueryKey,
  GradioQueryOptions,
  GradioStreamOptions,
  QueryContext,
  StreamQuery,
} from "./options.ts";

/** A client, a promise of one, or a function that returns either. */
export type QueryClientSource<Api extends object> =
  | Client<Api>
  | Promise<Client<Api>>
  | (() => Client<Api> | Promise<Client<Api>>);

/** Makes options of TanStack Query for the endpoints of an app. */
export interface GradioQueries<Api extends object> {
  /** Options of a query whose data is the result of a call. */
  prediction<Name extends NameOf<Api>>(
    endpoint: Name,
    data?: DataOf<Api, Name>,
    options?: CallOptions<OutputOf<Api, Name>>,
  ): GradioQueryOptions<OutputOf<Api, Name>>;
  prediction<T = unknown>(endpoint: AnyName<Api>, data?: CallData, options?: CallOptions<T>): GradioQueryOptions<T>;

  /** Options of a query whose data is the newest output of a call, written once a frame. A cancelled call leaves no output behind. */
  stream<Name extends NameOf<Api>>(
    endpoint: Name,
    data?: DataOf<Api, Name>,
    options?: CallOptions<OutputOf<Api, Name>>,
  ): GradioStreamOptions<OutputOf<Api, Name>>;
  stream<T = unknown>(endpoint: AnyName<Api>, data?: CallData, options?: CallOptions<T>): GradioStreamOptions<T>;

  /** Options of a mutation that makes a call with the data given to `mutate`. It is never retried. */
  mutation<Name extends NameOf<Api>>(
    endpoint: Name,
    options?: CallOptions<OutputOf<Api, Name>>,
  ): GradioMutationOptions<OutputOf<Api, Name>, DataOf<Api, Name>>;
  mutation<T = unknown>(endpoint: AnyName<Api>, options?: CallOptions<T>): GradioMutationOptions<T, CallData | void>;

  /** The key of all queries of the app, of an endpoint, or of a call, for `invalidateQueries` and the like. */
  key(endpoint?: string | number, data?: CallData): GradioQueryKey;
}

/** The overload of `Client.submit` for endpoints without types. */
interface UntypedClient {
  submit<T>(endpoint: string | number, data: CallData | undefined, options: CallOptions<T>): Job<T>;
}

const RETRIES = 2;

/**
 * Makes plain options for TanStack Query 5, for React, Vue or another framework.
 *
 * @param client - the client, a promise of one, or a function that returns either, called with each call.
 * @param options.key - name of the app in keys. Default: the URL of a connected client; else a random name that the same promise or
 *   function always has. Give one where keys must be the same in another process, as between a server and its pages.
 *
 * @example
 * ```ts
 * const queries = gradioQueries(client);
 * const { data } = useQuery(queries.prediction<string>("/greet", { name: "you" }));
 * ```
 */
export function gradioQueries<Api extends object = Untyped>(
  client: QueryClientSource<Api>,
  { key: given }: { key?: string | undefined } = {},
): GradioQueries<Api> {
  const app = given ?? addressOf(client);
  const key = (endpoint?: string | number, data?: unknown): GradioQueryKey => {
    if (endpoint === undefined) return [app];
    const name = typeof endpoint === "string" ? `/${endpoint.replace(/^\//, "")}` : endpoint;
    return data === undefined ? [app, name] : [app, name, keyOf(data)];
  };
  const submit = async <T>(
    endpoint: string | number,
    data: CallData | undefined,
    options: CallOptions<T>,
    signal?: AbortSignal,
  ): Promise<Job<T>> => {
    // React's StrictMode starts, cancels and restarts a query in one task: nothing is sent in that task.
    if (signal) await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    const connected = (await (typeof client === "function" ? client() : client)) as unknown as UntypedClient;
    signal?.throwIfAborted();
    return connected.submit<T>(endpoint, data, { ...options, signal: eitherSignal(options.signal, signal) });
  };
  const queries = {
    key,
    prediction: <T>(
      endpoint: string | number,
      data?: CallData,
      options: CallOptions<T> = {},
    ): GradioQueryOptions<T> => ({
      queryKey: key(endpoint, data ?? null),
      queryFn: async ({ signal }) => await (await submit<T>(endpoint, data, options, signal)).result(),
      ...fetchedOnce,
    }),
    stream: <T>(endpoint: string | number, data?: CallData, options: CallOptions<T> = {}): GradioStreamOptions<T> => ({
      queryKey: [...key(endpoint, data ?? null), "stream"],
      queryFn: async (context) => await writeOutputs(context, await submit<T>(endpoint, data, options, context.signal)),
      ...fetchedOnce,
      structuralSharing: false,
    }),
    mutation: <T>(
      endpoint: string | number,
      options: CallOptions<T> = {},
    ): GradioMutationOptions<T, CallData | void> => ({
      mutationKey: key(endpoint),
      mutationFn: async (data) => await (await submit<T>(endpoint, data ?? undefined, options)).result(),
      retry: false,
    }),
  };
  return queries as unknown as GradioQueries<Api>;
}

const fetchedOnce = {
  staleTime: Infinity,
  refetchOnMount: false,
  refetchOnReconnect: false,
  refetchOnWindowFocus: false,
  retry: (failures: number, error: Error): boolean => failures < RETRIES && isRetryable(error),
  retryDelay: (failures: number, error: Error): number =>
    Math.max(1_000 * 2 ** failures, error instanceof RateLimitError ? (error.retryAfter ?? 0) : 0),
} as const;

/** Writes the outputs of a job into the cache, and returns the last. */
async function writeOutputs<T>({ client, queryKey, signal }: QueryContext, job: Job<T>): Promise<T> {
  const query = client.getQueryCache().find({ queryKey, exact: true });
  const restore = query && restorer(query);
  const writing = job.outputs$.pipe(auditFrame()).subscribe({
    next: (output) => client.setQueryData(queryKey, output),
    // The result rejects with the error.
    error: () => undefined,
  });
  const aborted = (): void => {
    writing.unsubscribe();
    restore?.();
  };
  signal.addEventListener("abort", aborted, { once: true });
  try {
    return await job.result();
  } finally {
    writing.unsubscribe();
    signal.removeEventListener("abort", aborted);
  }
}

/** Returns a function that restores the current data of a query. */
function restorer(query: StreamQuery): () => void {
  const { data, dataUpdatedAt, dataUpdateCount, status } = query.state as Record<string, unknown>;
  return () => query.setState({ data, dataUpdatedAt, dataUpdateCount, status });
}

function eitherSignal(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one && other ? AbortSignal.any([one, other]) : (one ?? other);
}

function addressOf<Api extends object>(client: QueryClientSource<Api>): string {
  if (typeof client === "function" || !("app" in client)) return nameOf(client);
  try {
    return client.app.url;
  } catch {
    // A client that is not connected yet.
    return nameOf(client);
  }
}
