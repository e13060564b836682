// State machines that the packages for React and Vue share. They know no framework.
export {
  type ClientSource,
  type ConnectedClient,
  ConnectionController,
  connectionKey,
  type ConnectingOptions,
  type GradioState,
} from "./connection.ts";
export { JobController, type JobHookState, type JobTarget } from "./job.ts";
export type {
  JobActions,
  PendingRun,
  PredictionActions,
  RunFields,
  RunOptions,
  RunState,
  Starter,
  StartOptions,
  UseJobOptions,
  UsePredictionOptions,
} from "./options.ts";
export { PredictionController, type PredictionInput, type PredictionState } from "./prediction.ts";
export { isPlain, sameValue } from "./same-value.ts";
export { type CallableConnection, endpointKey, type HookEndpoint, sendTo } from "./send.ts";
