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
  type JobActions,
  JobController,
  type JobTarget,
  PredictionController,
  type PredictionActions,
  type PredictionInput,
  type RunState,
  sendTo,
  type Starter,
  type UseJobOptions,
  type UsePredictionOptions,
} from "@gradio-rx/web/controller";
import {
  computed,
  inject,
  type InjectionKey,
  type MaybeRefOrGetter,
  onMounted,
  onScopeDispose,
  type Ref,
  shallowRef,
  toValue,
  watch,
} from "vue";
import type { Connection } from "./provide.ts";
import { unwrap } from "./unwrap.ts";

/** Data of a call, whose fields may be refs. */
export type ReactiveFields<Data> = Data extends readonly unknown[] | object
  ? { readonly [Key in keyof Data]: Data[Key] | Readonly<Ref<Data[Key]>> }
  : Data;

/** Each field as a readonly ref. Values are never made reactive. */
export type Refs<Fields> = { readonly [Key in keyof Fields]: Readonly<Ref<Fields[Key]>> };

type FieldsOf<T> = { [Key in keyof RunState<T>]: RunState<T>[Key] };

/** State of `useGradio`: each field a readonly ref, and `reconnect`. */
export type UseGradioReturn<Api extends object> = Refs<Omit<GradioState<Client<Api>>, "reconnect">> &
  Pick<GradioState<Client<Api>>, "reconnect">;

/** State of `useJob`: each field a readonly ref, and its functions. */
export type UseJobReturn<T, Data> = Refs<FieldsOf<T>> & JobActions<T, Data>;

/** State of `usePrediction`: each field a readonly ref, and its functions. */
export type UsePredictionReturn<T> = Refs<FieldsOf<T>> & PredictionActions<T>;

/** Type of `useJob` for the endpoints of an app. */
export interface UseJob<Api extends object> {
  /**
   * Makes calls when `run` is called, and shows the state of the newest. Disposal of the scope cancels the call at the server.
   *
   * @param endpoint - API name or function index; or an object with `start`, for another client or a relay.
   * @throws InputError outside of a provider, unless the endpoint has `start`.
   *
   * @example
   * ```ts
   * const { data, isPending, run, cancel } = useJob<string>("/write");
   * ```
   */
  <Name extends NameOf<Api>>(
    endpoint: MaybeRefOrGetter<Name>,
    options?: MaybeRefOrGetter<UseJobOptions<OutputOf<Api, Name>> | undefined>,
  ): UseJobReturn<OutputOf<Api, Name>, DataOf<Api, Name>>;
  <T = unknown>(
    endpoint: MaybeRefOrGetter<AnyName<Api>>,
    options?: MaybeRefOrGetter<UseJobOptions<T> | undefined>,
  ): UseJobReturn<T, CallData>;
  <T, Data>(
    endpoint: MaybeRefOrGetter<Starter<T, Data>>,
    options?: MaybeRefOrGetter<UseJobOptions<T> | undefined>,
  ): UseJobReturn<T, Data>;
}

/** Type of `usePrediction` for the endpoints of an app. */
export interface UsePrediction<Api extends object> {
  /**
   * Makes a call when the component is mounted, and when the endpoint or the data changes, and shows its state. Disposal of the scope
   * cancels the call at the server.
   *
   * @param endpoint - API name or function index; or an object with `start`, for another client or a relay.
   * @param data - compared by value; Files and other instances of classes by identity. `null` makes no call.
   * @throws InputError outside of a provider, unless the endpoint has `start`.
   *
   * @example
   * ```ts
   * const { data } = usePrediction<string>("/greet", () => [name.value], { debounce: 300 });
   * ```
   */
  // Without a type parameter of its own, an array that a getter returns would not be typed by position.
  <Name extends NameOf<Api>, const Data extends ReactiveFields<DataOf<Api, Name>> | null>(
    endpoint: MaybeRefOrGetter<Name>,
    data: MaybeRefOrGetter<Data>,
    options?: MaybeRefOrGetter<UsePredictionOptions<OutputOf<Api, Name>> | undefined>,
  ): UsePredictionReturn<OutputOf<Api, Name>>;
  <T = unknown>(
    endpoint: MaybeRefOrGetter<AnyName<Api>>,
    data: MaybeRefOrGetter<CallData | null>,
    options?: MaybeRefOrGetter<UsePredictionOptions<T> | undefined>,
  ): UsePredictionReturn<T>;
  <T, Data>(
    endpoint: MaybeRefOrGetter<Starter<T, Data>>,
    data: MaybeRefOrGetter<ReactiveFields<NoInfer<Data>> | null>,
    options?: MaybeRefOrGetter<UsePredictionOptions<T> | undefined>,
  ): UsePredictionReturn<T>;
}

/** Makes the composable that shows the connection of an injection key. */
export function createUseGradio<Api extends object>(key: InjectionKey<Connection<Api>>): () => UseGradioReturn<Api> {
  return function useGradio() {
    const connection = inject(key, null);
    if (!connection) throw new InputError("useGradio was called where no gradioPlugin and no provideGradio is.");
    const state = shallowRef(connection.value.getSnapshot());
    let unsubscribe = (): void => undefined;
    const watchConnection = (): void => {
      unsubscribe();
      const current = connection.value;
      const show = (): void => void (state.value = current.getSnapshot());
      unsubscribe = current.subscribe(show);
      show();
      current.open();
    };
    onMounted(() => watch(connection, watchConnection, { immediate: true, flush: "sync" }));
    onScopeDispose(() => unsubscribe());
    const fields = refsOf(state, ["client", "phase", "error", "connection", "space"]);
    return { ...fields, reconnect: () => connection.value.getSnapshot().reconnect() };
  };
}

/** Makes the composable that runs calls of an injected client. */
export function createUseJob<Api extends object>(key: InjectionKey<Connection<Api>>): UseJob<Api> {
  return function useJob(
    endpoint: MaybeRefOrGetter<HookEndpoint>,
    options?: MaybeRefOrGetter<UseJobOptions | undefined>,
  ): UseJobReturn<unknown, unknown> {
    const injected = inject(key, null);
    const connectionOf = (): Connection<Api>["value"] | null => connectionFor(toValue(endpoint), injected);
    const targetOf = (): JobTarget => ({ connection: connectionOf(), endpoint: endpointKey(toValue(endpoint)) });
    sendTo(toValue(endpoint), connectionOf());
    const controller = new JobController(targetOf());
    const configure = (): void => controller.configure(sendTo(toValue(endpoint), connectionOf()), toValue(options));
    watch([targetOf, () => toValue(options)], configure, { immediate: true, flush: "sync" });
    watch(targetOf, (target) => controller.setTarget(target), { flush: "sync" });
    const state = follow(controller);
    const { run, cancel, reset } = state.value;
    return { ...runRefs(state), run: (data, call) => run(unwrap(data), call), cancel, reset };
  } as UseJob<Api>;
}

/** Makes the composable that predicts with an injected client. */
export function createUsePrediction<Api extends object>(key: InjectionKey<Connection<Api>>): UsePrediction<Api> {
  return function usePrediction(
    endpoint: MaybeRefOrGetter<HookEndpoint>,
    data: MaybeRefOrGetter<unknown>,
    options?: MaybeRefOrGetter<UsePredictionOptions | undefined>,
  ): UsePredictionReturn<unknown> {
    const injected = inject(key, null);
    const connectionOf = (): Connection<Api>["value"] | null => connectionFor(toValue(endpoint), injected);
    const inputOf = (): PredictionInput => ({
      connection: connectionOf(),
      endpoint: endpointKey(toValue(endpoint)),
      data: unwrap(toValue(data)),
    });
    sendTo(toValue(endpoint), connectionOf());
    const controller = new PredictionController(inputOf(), toValue(options));
    const configure = (): void => controller.configure(sendTo(toValue(endpoint), connectionOf()), toValue(options));
    watch([connectionOf, () => toValue(endpoint), () => toValue(options)], configure, {
      immediate: true,
      flush: "sync",
    });
    const state = follow(controller);
    // A prediction starts when its component is mounted; data of one task is one change.
    onMounted(() => watch(inputOf, (input) => controller.update(input), { immediate: true }));
    const { cancel, rerun } = state.value;
    return { ...runRefs(state), cancel, rerun };
  } as UsePrediction<Api>;
}

function connectionFor<Api extends object>(
  endpoint: HookEndpoint,
  injected: Connection<Api> | null,
): Connection<Api>["value"] | null {
  return typeof endpoint === "object" ? null : (injected?.value ?? null);
}

/** Shows a controller from the component's mounting to the disposal of its scope. */
function follow<State>(controller: {
  getSnapshot: () => State;
  subscribe: (listener: () => void) => () => void;
  attach: () => () => void;
}): Readonly<Ref<State>> {
  const state = shallowRef(controller.getSnapshot()) as Ref<State>;
  const unsubscribe = controller.subscribe(() => (state.value = controller.getSnapshot()));
  const leave = controller.attach();
  onScopeDispose(() => {
    leave();
    unsubscribe();
  });
  return state;
}

function runRefs<T>(state: Readonly<Ref<RunState<T>>>): Refs<FieldsOf<T>> {
  return refsOf(state, [
    "phase",
    "data",
    "status",
    "logs",
    "progress",
    "upload",
    "error",
    "isPending",
    "isPrevious",
    "job",
    "outputs",
  ]);
}

/** A readonly ref for each field. */
function refsOf<State extends object, Key extends keyof State>(
  state: Readonly<Ref<State>>,
  keys: readonly Key[],
): Refs<Pick<State, Key>> {
  return Object.fromEntries(keys.map((key) => [key, computed(() => state.value[key])])) as unknown as Refs<
    Pick<State, Key>
  >;
}
