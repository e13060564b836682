import { Client, type Untyped, type WebConnectOptions } from "@gradio-rx/web";
import { type ClientSource, ConnectionController, connectionKey } from "@gradio-rx/web/controller";
import {
  type App,
  type InjectionKey,
  type MaybeRefOrGetter,
  onMounted,
  onScopeDispose,
  provide,
  type ShallowRef,
  shallowRef,
  toValue,
  watch,
} from "vue";

/** Connection of the nearest provider. Another app is another connection. */
export type Connection<Api extends object> = Readonly<ShallowRef<ConnectionController<Client<Api>>>>;

/** An app to connect to, or a client of its owner. */
export type GradioOptions<Api extends object = Untyped> =
  | {
      /** URL of the app, or its Space id `owner/name`. Another one is another client. */
      app: MaybeRefOrGetter<string | URL>;
      /** Options of `Client.connect`. A change of a primitive value is another client. */
      options?: MaybeRefOrGetter<WebConnectOptions | undefined>;
      client?: undefined;
    }
  | {
      /** A client, or a promise of one, which its owner closes. */
      client: MaybeRefOrGetter<Client<Api> | Promise<Client<Api>>>;
      app?: undefined;
      options?: undefined;
    };

/** A plugin that provides a connection to every component of an app: `app.use(plugin, { app: url })`. */
export interface GradioPlugin<Api extends object> {
  install(app: App, options: GradioOptions<Api>): void;
}

/**
 * Makes the plugin of an injection key. It connects with the first component that needs the client, never on a server, and closes when
 * the app is unmounted.
 */
export function createPlugin<Api extends object>(key: InjectionKey<Connection<Api>>): GradioPlugin<Api> {
  return {
    install(app, options) {
      const connection = app.runWithContext(() => shallowRef(new ConnectionController(sourceOf(options))));
      app.provide(key, connection);
      const stop = watch(
        () => keyOf(options),
        () => replace(connection, options),
        { flush: "sync" },
      );
      app.onUnmount(() => {
        stop();
        connection.value.close();
      });
    },
  };
}

/** Makes the function that provides a connection to the components below the one that calls it in `setup`. */
export function createProvide<Api extends object>(
  key: InjectionKey<Connection<Api>>,
): (options: GradioOptions<Api>) => void {
  return (options) => {
    const connection = shallowRef(new ConnectionController(sourceOf(options)));
    provide(key, connection);
    let leave: (() => void) | null = null;
    watch(
      () => keyOf(options),
      () => {
        replace(connection, options);
        if (!leave) return;
        leave = connection.value.attach();
      },
      { flush: "sync" },
    );
    onMounted(() => (leave = connection.value.attach()));
    onScopeDispose(() => leave?.());
  };
}

function replace<Api extends object>(
  connection: ShallowRef<ConnectionController<Client<Api>>>,
  options: GradioOptions<Api>,
): void {
  connection.value.close();
  connection.value = new ConnectionController(sourceOf(options));
}

function keyOf<Api extends object>({ app, options, client }: GradioOptions<Api>): unknown {
  return app === undefined ? toValue(client) : connectionKey(toValue(app), toValue(options));
}

function sourceOf<Api extends object>({ app, options, client }: GradioOptions<Api>): ClientSource<Client<Api>> {
  if (app === undefined) return { client: toValue(client) };
  return {
    connect: ({ signal, onSpaceStatus }) => {
      const given = toValue(options);
      return Client.connect<Api>(toValue(app), {
        ...given,
        signal: given?.signal ? AbortSignal.any([given.signal, signal]) : signal,
        onSpaceStatus: (status) => {
          onSpaceStatus(status);
          given?.onSpaceStatus?.(status);
        },
      });
    },
  };
}
