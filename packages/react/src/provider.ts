import { Client, type Untyped, type WebConnectOptions } from "@gradio-rx/web";
import { type ClientSource, ConnectionController, connectionKey } from "@gradio-rx/web/controller";
import { type Context, createElement, type ReactNode, useEffect, useInsertionEffect, useState } from "react";

/** Connection of the nearest provider; `null` outside of any. */
export type Connection<Api extends object> = ConnectionController<Client<Api>>;

/** Properties of `GradioProvider`: an app to connect to, or a client of its owner. */
export type GradioProviderProps<Api extends object = Untyped> = { children?: ReactNode } & (
  | {
      /** URL of the app, or its Space id `owner/name`. Another one is another client. */
      app: string | URL;
      /** Options of `Client.connect`. A change of a primitive value is another client; other values are those of the newest render. */
      options?: WebConnectOptions | undefined;
      client?: undefined;
    }
  | {
      /** A client, or a promise of one, which its owner closes. */
      client: Client<Api> | Promise<Client<Api>>;
      app?: undefined;
      options?: undefined;
    }
);

/** A connection, and the properties that it was made for. */
interface Held<Api extends object> {
  key: string | Client<Api> | Promise<Client<Api>>;
  connection: Connection<Api>;
}

/** Makes the provider of a context. */
export function createProvider<Api extends object>(
  context: Context<Connection<Api> | null>,
): (props: GradioProviderProps<Api>) => ReactNode {
  return function GradioProvider(props) {
    const key = props.client ?? connectionKey(props.app, props.options);
    const source = sourceOf<Api>(props);
    const [held, hold] = useState<Held<Api>>(() => ({ key, connection: new ConnectionController(source) }));
    let current = held;
    if (held.key !== key) {
      current = { key, connection: new ConnectionController(source) };
      hold(current);
    }
    const { connection } = current;
    useInsertionEffect(() => connection.configure(source));
    useEffect(connection.attach, [connection]);
    return createElement(context.Provider, { value: connection }, props.children);
  };
}

function sourceOf<Api extends object>({ app, options, client }: GradioProviderProps<Api>): ClientSource<Client<Api>> {
  if (client) return { client };
  return {
    connect: ({ signal, onSpaceStatus }) =>
      Client.connect<Api>(app, {
        ...options,
        signal: options?.signal ? AbortSignal.any([options.signal, signal]) : signal,
        onSpaceStatus: (status) => {
          onSpaceStatus(status);
          options?.onSpaceStatus?.(status);
        },
      }),
  };
}
