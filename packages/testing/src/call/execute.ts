import { isBlob } from "../values/blobs.ts";
import type { Component } from "../endpoint/component.ts";
import type { CallContext } from "../endpoint/context.ts";
import { isUpdate } from "../endpoint/update.ts";
import type { Dependency } from "../describe/model.ts";
import { isState } from "../describe/model.ts";
import { checkFiles, describeStream, receiveFiles, sendFiles } from "../values/file-data.ts";
import type { FileStore } from "../values/file-store.ts";
import type { SessionState } from "./session-state.ts";

/** Services that convert values between the wire and functions. */
export interface ValueContext {
  store: FileStore;
  state: SessionState;
  /** URL before `/file=` in the files of outputs. */
  base: string;
  /** Appends a piece to the media stream of an output and returns the stream's name. Absent in direct calls, which do not stream. */
  stream?: (output: Component, content: Blob) => string;
}

/**
 * Returns the function's arguments: the values of the request, checked and converted.
 *
 * States are read from the session; values sent for them are ignored, and so are surplus values.
 *
 * @throws Error if there are too few values or a component rejects a value.
 */
export function receive(dependency: Dependency, data: readonly unknown[], context: ValueContext): unknown[] {
  const { inputs, name } = dependency;
  if (data.length < inputs.length) {
    throw new Error(`/${name} expects ${String(inputs.length)} values, received ${String(data.length)}`);
  }
  return inputs.map((input, at) => {
    if (isState(input)) return context.state.get(input);
    const value = data[at] ?? null;
    if (input.files !== undefined) checkFiles(value, input.files);
    const received = receiveFiles(value, context.store);
    return input.receive === undefined ? received : input.receive(received);
  });
}

/** Converts a returned or yielded value to the values of the response, one for each output. */
export async function send(dependency: Dependency, result: unknown, context: ValueContext): Promise<unknown[]> {
  const { outputs } = dependency;
  const values = spread(dependency, result);
  if (values.length < outputs.length) throw new Error(`/${dependency.name} returned too few values`);
  return Promise.all(outputs.map((output, at) => sendOne(output, values[at], context)));
}

function spread(dependency: Dependency, result: unknown): unknown[] {
  const { outputs, name } = dependency;
  if (outputs.length === 0) return [];
  if (outputs.length === 1) return [result];
  if (isUpdate(result) && Object.keys(result).length === 1) return outputs.map(() => result);
  if (!Array.isArray(result)) throw new TypeError(`/${name} has several outputs and must return an array`);
  return result;
}

async function sendOne(output: Component, value: unknown, context: ValueContext): Promise<unknown> {
  const { store, state, base } = context;
  if (isState(output)) {
    if (!isUpdate(value)) state.set(output, value);
    else if ("value" in value) state.set(output, value["value"]);
    return null;
  }
  if (output.props["streaming"] === true && isBlob(value) && context.stream !== undefined)
    return describeStream(context.stream(output, value), output, base);
  const options = { base, tellsSize: output.tellsSize ?? false, tellsType: output.type === "gallery" };
  const convert = (plain: unknown): Promise<unknown> => sendFiles(output.send?.(plain) ?? plain, store, options);
  if (!isUpdate(value)) return convert(value);
  const { __type__, value: plain, ...properties } = value;
  return "value" in value ? { ...properties, value: await convert(plain), __type__ } : { ...properties, __type__ };
}

/** Calls an endpoint's function with its arguments, followed by the context. */
export function invoke(dependency: Dependency, values: readonly unknown[], context: CallContext): unknown {
  const { fn, name } = dependency;
  if (fn === undefined) throw new Error(`/${name} has no function on the server`);
  return Reflect.apply(fn, undefined, [...values, context]);
}
