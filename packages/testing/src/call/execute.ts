import type { Component } from "../endpoint/component.ts";
import type { CallContext } from "../endpoint/context.ts";
import { isUpdate } from "../endpoint/update.ts";
import type { Dependency } from "../describe/model.ts";
import { isState } from "../describe/model.ts";
import { checkFiles, describeStream, receiveFiles, sendFiles } from "../values/file-data.ts";
import type { FileStore } from "../values/file-store.ts";
import type { SessionState } from "./session-state.ts";

/** Where values come from and go to. */
export interface Exchange {
  store: FileStore;
  state: SessionState;
  /** The address before `/file=` in what goes out. */
  base: string;
  /** Adds a piece to what an output streams, and names the stream; `undefined` for a direct call, which streams nothing. */
  stream?: (output: Component, content: Blob) => string;
}

/**
 * The function's arguments: the wire's values, checked and turned into what functions receive.
 *
 * States come from the session, whatever was sent in their place. Surplus values are ignored.
 *
 * @throws where there are too few values, or a component refuses its own.
 */
export function receive(dependency: Dependency, data: readonly unknown[], exchange: Exchange): unknown[] {
  const { inputs, name } = dependency;
  if (data.length < inputs.length) {
    throw new Error(`/${name} takes ${String(inputs.length)} values, of which ${String(data.length)} came`);
  }
  return inputs.map((input, at) => {
    if (isState(input)) return exchange.state.get(input);
    const value = data[at] ?? null;
    if (input.files !== undefined) checkFiles(value, input.files);
    const received = receiveFiles(value, exchange.store);
    return input.receive === undefined ? received : input.receive(received);
  });
}

/** The wire's values for what a function returned or yielded: one for each output. */
export async function send(dependency: Dependency, result: unknown, exchange: Exchange): Promise<unknown[]> {
  const { outputs } = dependency;
  const values = spread(dependency, result);
  if (values.length < outputs.length) throw new Error(`/${dependency.name} returned too few values`);
  return Promise.all(outputs.map((output, at) => sendOne(output, values[at], exchange)));
}

function spread(dependency: Dependency, result: unknown): unknown[] {
  const { outputs, name } = dependency;
  if (outputs.length === 0) return [];
  if (outputs.length === 1) return [result];
  if (isUpdate(result) && Object.keys(result).length === 1) return outputs.map(() => result);
  if (!Array.isArray(result)) throw new TypeError(`/${name} has several outputs and did not return an array`);
  return result;
}

async function sendOne(output: Component, value: unknown, exchange: Exchange): Promise<unknown> {
  const { store, state, base } = exchange;
  if (isState(output)) {
    if (!isUpdate(value)) state.set(output, value);
    else if ("value" in value) state.set(output, value["value"]);
    return null;
  }
  if (output.props["streaming"] === true && value instanceof Blob && exchange.stream !== undefined)
    return describeStream(exchange.stream(output, value), output, base);
  const manner = { base, tellsSize: output.tellsSize ?? false, tellsType: output.type === "gallery" };
  const convert = (plain: unknown): Promise<unknown> => sendFiles(output.send?.(plain) ?? plain, store, manner);
  if (!isUpdate(value)) return convert(value);
  const { __type__, value: plain, ...properties } = value;
  return "value" in value ? { ...properties, value: await convert(plain), __type__ } : { ...properties, __type__ };
}

/** Calls an endpoint's function with its arguments and the context after them. */
export function invoke(dependency: Dependency, values: readonly unknown[], context: CallContext): unknown {
  const { fn, name } = dependency;
  if (fn === undefined) throw new Error(`/${name} has no function on the server`);
  return Reflect.apply(fn, undefined, [...values, context]);
}
