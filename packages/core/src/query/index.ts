export type {
  GradioMutationOptions,
  GradioQueryKey,
  GradioQueryOptions,
  GradioStreamOptions,
  QueryContext,
  StreamQueryClient,
} from "./options.ts";
export { gradioQueries, type GradioQueries, type QueryClientSource } from "./queries.ts";
