/** Key of a query: the app, the endpoint, the data; and `"stream"` for a stream. */
export type GradioQueryKey = readonly unknown[];

/** The part of a TanStack query that a stream uses. */
export interface StreamQuery {
  readonly state: object;
  setState(state: object): void;
}

/** The part of a `QueryClient` that a stream uses. */
export interface StreamQueryClient {
  getQueryCache(): { find(filters: { queryKey: GradioQueryKey; exact: true }): StreamQuery | undefined };
  setQueryData(key: GradioQueryKey, data: unknown): unknown;
}

/** Argument of a query's function. */
export interface QueryContext {
  readonly signal: AbortSignal;
  readonly queryKey: GradioQueryKey;
  readonly client: StreamQueryClient;
}

/** Options for `useQuery`, `useSuspenseQuery`, `prefetchQuery` …, of TanStack Query 5 for any framework. */
export interface GradioQueryOptions<T> {
  queryKey: GradioQueryKey;
  queryFn: (context: QueryContext) => Promise<T>;
  /** Infinite, because a call is expensive: its result does not become stale. */
  staleTime: number;
  refetchOnMount: false;
  refetchOnReconnect: false;
  refetchOnWindowFocus: false;
  /** Whether a failed query is repeated: at most twice, and only where the app ran nothing. */
  retry: (failures: number, error: Error) => boolean;
  retryDelay: (failures: number, error: Error) => number;
}

/** Options of a stream: its values are compared by identity. */
export interface GradioStreamOptions<T> extends GradioQueryOptions<T> {
  structuralSharing: false;
}

/** Options for `useMutation` of TanStack Query 5 for any framework. */
export interface GradioMutationOptions<T, Data> {
  mutationKey: GradioQueryKey;
  mutationFn: (data: Data) => Promise<T>;
  retry: false;
}
