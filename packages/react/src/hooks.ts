import {
  type AnyName,
  type CallData,
  type Client,
  type DataOf,
  InputError,
  type NameOf,
  type OutputOf,
} from "@gradio-rx/web";
import {
  endpointKey,
  type GradioState,
  type HookEndpoint,
  JobController,
  type JobHookState,
  type JobTarget,
  PredictionController,
  type PredictionInput,
  type PredictionState,
  sameValue,
  sendTo,
  type Starter,
  type UseJobOptions,
  type UsePredictionOptions,
} from "@gradio-rx/web/controller";
import { type Context, useContext, useEffect, useInsertionEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Connection } from "./provider.ts";

/** Type of `useJob` for the endpoints of an app. */
export interface UseJob<Api extends object> {
  /**
   * Makes calls when `run` is called, and shows the state of the newest. Unmounting cancels the call at the server.
   *
   * @param endpoint - API name or function index; or an object with `start`, for another client or a relay.
   * @throws InputError outside of a provider, unless the endpoint has `start`.
   *
   * @example
   * ```tsx
   * const { data, isPending, run, cancel } = useJob<string>("/write");
   * return <button onClick={() => run(["cats"])}>{isPending ? data : "Write"}</button>;
   * ```
   */
  <Name extends NameOf<Api>>(
    endpoint: Name,
    options?: UseJobOptions<OutputOf<Api, Name>>,
  ): JobHookState<OutputOf<Api, Name>, DataOf<Api, Name>>;
  <T = unknown>(endpoint: AnyName<Api>, options?: UseJobOptions<T>): JobHookState<T, CallData>;
  <T, Data>(endpoint: Starter<T, Data>, options?: UseJobOptions<T>): JobHookState<T, Data>;
}

/** Type of `usePrediction` for the endpoints of an app. */
export interface UsePrediction<Api extends object> {
  /**
   * Makes a call when the component is mounted, and when the endpoint or the data changes, and shows its state. Unmounting cancels the
   * call at the server.
   *
   * @param endpoint - API name or function index; or an object with `start`, for another client or a relay.
   * @param data - compared by value; Files and other instances of classes by identity. `null` makes no call.
   * @throws InputError outside of a provider, unless the endpoint has `start`.
   *
   * @example
   * ```tsx
   * const { data } = usePrediction<string>("/greet", { name }, { debounce: 300 });
   * ```
   */
  <Name extends NameOf<Api>>(
    endpoint: Name,
    data: DataOf<Api, Name> | null,
    options?: UsePredictionOptions<OutputOf<Api, Name>>,
  ): PredictionState<OutputOf<Api, Name>>;
  <T = unknown>(endpoint: AnyName<Api>, data: CallData | null, options?: UsePredictionOptions<T>): PredictionState<T>;
  <T, Data>(endpoint: Starter<T, Data>, data: Data | null, options?: UsePredictionOptions<T>): PredictionState<T>;
}

/** Makes the hook that shows the connection of a context. */
export function createUseGradio<Api extends object>(
  context: Context<Connection<Api> | null>,
): () => GradioState<Client<Api>> {
  return function useGradio() {
    const connection = useContext(context);
    if (!connection) throw new InputError("useGradio was called outside of a GradioProvider.");
    return useSyncExternalStore(connection.subscribe, connection.getSnapshot, connection.getSnapshot);
  };
}

/** Makes the hook that runs calls of a context's client. */
export function createUseJob<Api extends object>(context: Context<Connection<Api> | null>): UseJob<Api> {
  return function useJob(endpoint: HookEndpoint, options?: UseJobOptions): JobHookState<unknown, unknown> {
    const connection = useConnection(context, endpoint);
    const target: JobTarget = { connection, endpoint: endpointKey(endpoint) };
    const [controller] = useState(() => new JobController<unknown, unknown>(target));
    const send = sendTo(endpoint, connection);
    const peek = (): JobHookState<unknown, unknown> => controller.peek(target);
    const state = useSyncExternalStore(controller.subscribe, peek, peek);
    useInsertionEffect(() => controller.configure(send, options));
    useEffect(() => controller.attach(), [controller]);
    useEffect(
      () => controller.setTarget({ connection, endpoint: target.endpoint }),
      [controller, connection, target.endpoint],
    );
    return state;
  } as UseJob<Api>;
}

/** Makes the hook that predicts with a context's client. */
export function createUsePrediction<Api extends object>(context: Context<Connection<Api> | null>): UsePrediction<Api> {
  return function usePrediction(
    endpoint: HookEndpoint,
    data: unknown,
    options?: UsePredictionOptions,
  ): PredictionState<unknown> {
    const connection = useConnection(context, endpoint);
    const input = useSame<PredictionInput>({ connection, endpoint: endpointKey(endpoint), data });
    const [controller] = useState(() => new PredictionController<unknown>(input, options));
    const send = sendTo(endpoint, connection);
    const peek = (): PredictionState<unknown> => controller.peek(input);
    const state = useSyncExternalStore(controller.subscribe, peek, peek);
    useInsertionEffect(() => controller.configure(send, options));
    useEffect(() => controller.attach(), [controller]);
    useEffect(() => controller.update(input), [controller, input]);
    return state;
  } as UsePrediction<Api>;
}

/** The context's connection; `null` for a `start` function, which needs none. */
function useConnection<Api extends object>(
  context: Context<Connection<Api> | null>,
  endpoint: HookEndpoint,
): Connection<Api> | null {
  const connection = useContext(context);
  return typeof endpoint === "object" ? null : connection;
}

/** Returns the value of the last commit where the new one is equal to it. */
function useSame<T extends object>(value: T): T {
  const committed = useRef(value);
  const isSame = Object.entries(value).every(([key, one]) => sameValue(one, committed.current[key as keyof T]));
  const same = isSame ? committed.current : value;
  useInsertionEffect(() => {
    committed.current = same;
  });
  return same;
}
