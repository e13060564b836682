import {
  type Check,
  connectOptions,
  hasFields,
  isBoolean,
  isCount,
  isDuration,
  isFunction,
  isHeaders,
  isPositive,
  isSignal,
  type OptionTable,
} from "../options.ts";
import { fieldsOf } from "../fields.ts";

const isList: Check = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === "function")
    ? undefined
    : "must be an array of functions";

/** Options of one call. */
export const callOptions: OptionTable = {
  signal: isSignal,
  timeout: isDuration,
  startTimeout: isDuration,
  idleTimeout: isDuration,
  headers: isHeaders,
  eventData: () => undefined,
  triggerId: isCount,
  isolate: isBoolean,
  resubmit: isBoolean,
  onQueueFull: (value) => (value === "fail" || value === "wait" ? undefined : 'must be "fail" or "wait"'),
  keepOutputs: isCount,
  onStatus: isFunction,
  onData: isFunction,
  onLog: isFunction,
  onResult: isFunction,
  onError: isFunction,
  onUploadProgress: isFunction,
  resultCallbacks: isList,
};

const isAttempts = hasFields({ attempts: isPositive, when: isFunction });
const isMapRetry: Check = (value) =>
  isAttempts(value) ?? (fieldsOf(value)["attempts"] === undefined ? "needs the number of attempts" : undefined);

/** Options of `Client.map`. */
export const mapOptions: OptionTable = {
  ...callOptions,
  concurrency: isPositive,
  ordered: isBoolean,
  retry: isMapRetry,
};

/** Options of `Client.fork`. */
export const forkOptions: OptionTable = { sessionHash: connectOptions["sessionHash"]!, headers: isHeaders };

/** Options of `Client.upload` and `Client.download`. */
export const transferOptions: OptionTable = { onProgress: isFunction, signal: isSignal, idleTimeout: isDuration };

/** Options of `Job.result`. */
export const resultOptions: OptionTable = { timeout: isDuration, signal: isSignal };
