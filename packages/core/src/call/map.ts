import { isFile } from "../data/files.ts";
import { InputError } from "../errors.ts";
import { type CallOptions, checkOptions, type MapOptions } from "../options.ts";
import { mergeOptions } from "../fields.ts";
import { mapOptions } from "./call-options.ts";
import type { Job } from "./job.ts";
import { type Inputs, MapLoop } from "./map-loop.ts";

/** Parts of the client that a loop uses. */
export interface MapClient<T, Input> {
  /** Default options of the calls. */
  defaults: CallOptions;
  /** Functions that end the running calls and transfers of the client, each with an error. */
  running: Set<(error: unknown) => void>;
  /** Error of a closed client; `null` while the client is open. */
  closed: unknown;
  submit: (data: Input | readonly [Input], options: CallOptions) => Job<T>;
}

/**
 * Creates the loop of `Client.map`.
 *
 * @throws InputError for inputs that are not iterable, and for invalid options.
 */
export function mapLoop<T, Input>(
  inputs: Inputs<Input>,
  options: MapOptions<never>,
  { defaults, running, closed, submit }: MapClient<T, Input>,
): MapLoop<T, Input> {
  checkOptions("map", options, mapOptions);
  const isIterable =
    typeof inputs === "object" && inputs !== null && (Symbol.iterator in inputs || Symbol.asyncIterator in inputs);
  if (!isIterable)
    throw new InputError("The inputs of map must be an iterable of arrays or objects, one for each call.");
  const given = mergeOptions<MapOptions>(defaults, options as MapOptions);
  const { concurrency = 8, ordered = false, retry, signal, ...each } = given;
  const ended = new AbortController();
  const close = (error: unknown): void => ended.abort(error);
  if (closed) close(closed);
  else running.add(close);
  return new MapLoop<T, Input>({
    inputs,
    concurrency,
    ordered,
    retry,
    signals: signal ? [signal, ended.signal] : [ended.signal],
    submit: (input, index, isFinal) => submit(isFile(input) ? [input] : input, withIndex(each, index, isFinal)),
    onEnd: () => running.delete(close),
  });
}

/** Returns the options of one attempt, with callbacks that pass the index on. Of several attempts, only the last one reports its error. */
function withIndex(given: MapOptions, index: number, isFinal: (error: unknown) => boolean): CallOptions {
  const { onStatus, onData, onLog, onResult, onError, onUploadProgress, resultCallbacks, ...rest } = given;
  return {
    ...rest,
    onStatus: onStatus && ((event) => onStatus(event, index)),
    onData: onData && ((event) => onData(event, index)),
    onLog: onLog && ((event) => onLog(event, index)),
    onResult: onResult && ((result) => onResult(result, index)),
    onUploadProgress: onUploadProgress && ((progress) => onUploadProgress(progress, index)),
    resultCallbacks: resultCallbacks?.map((callback) => (result: unknown) => callback(result, index)),
    onError: (error) => {
      if (isFinal(error)) onError?.(error, index);
    },
  };
}
