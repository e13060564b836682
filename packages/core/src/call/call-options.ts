import {
  type Check,
  isCount,
  isDuration,
  isFunction,
  isHeaders,
  isPositive,
  isSignal,
  type OptionTable,
} from "../options.ts";

const isBoolean: Check = (value) => (typeof value === "boolean" ? undefined : "must be true or false");
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

/** Options of `Client.map`. */
export const mapOptions: OptionTable = { ...callOptions, concurrency: isPositive };

/** Options of `Client.upload` and `Client.download`. */
export const transferOptions: OptionTable = { onProgress: isFunction, signal: isSignal, idleTimeout: isDuration };

/** Options of `Job.result`. */
export const resultOptions: OptionTable = { timeout: isDuration, signal: isSignal };
