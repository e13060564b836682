import { createElement, type ReactNode, StrictMode } from "react";
import { expect, expectTypeOf, test } from "vitest";
import { type CallData, Client, InputError } from "@gradio-rx/web";
import { createGradio, GradioProvider, type GradioState, type JobHookState, useGradio } from "@gradio-rx/react";
import { inside, openApp, settle, show, until } from "./page.ts";

/** A component that shows the connection, and everything that it has shown. */
function watched() {
  const seen: GradioState<Client>[] = [];
  const Component = (): ReactNode => {
    const state = useGradio();
    seen.push(state);
    return state.phase;
  };
  return { Component, seen, last: () => seen.at(-1)! };
}

test("the provider renders its children at once, connects once, and closes when it is unmounted", async () => {
  const front = openApp();
  const { Component, seen, last } = watched();
  const page = show(inside(front, Component));
  await until(() => page.text() === "ready");
  expect(seen[0]).toMatchObject({ phase: "connecting", client: null, error: null, connection: "idle", space: null });
  expect(last().client?.app.url).toBe(`${front.app.url}/`);
  expect(front.connections()).toBe(1);
  const { client } = last();
  page.unmount();
  await until(() => front.app.openStreams === 0);
  await settle();
  await expect(client!.predict("/greet", ["you"])).rejects.toThrow("closed");
});

test("the state of the event stream is shown", async () => {
  const front = openApp();
  const { Component, last } = watched();
  show(inside(front, Component));
  await until(() => last()?.phase === "ready");
  const job = last().client!.submit("/write", ["cats"]);
  await until(() => last().connection === "open");
  await job.cancel();
});

test("a failure is shown, and reconnect tries again with the newest options", async () => {
  const front = openApp();
  const { Component, last } = watched();
  const tree = (isDown: boolean): ReactNode => {
    const fetch = async (request: Request): Promise<Response> => {
      if (isDown) throw new TypeError("no network");
      return await front.app.fetch(request);
    };
    const options = { fetch, retry: { limit: 0 } };
    return createElement(
      StrictMode,
      null,
      createElement(GradioProvider, { app: front.app.url, options }, createElement(Component)),
    );
  };
  const page = show(tree(true));
  await until(() => page.text() === "error");
  expect(last().error?.code).toBe("connection");
  page.render(tree(false));
  await settle();
  expect(page.text()).toBe("error");
  await last().reconnect();
  await until(() => page.text() === "ready");
});

test("another primitive option is another client; other functions and equal values are not", async () => {
  const front = openApp();
  const { Component, last } = watched();
  const tree = (timeout: number): ReactNode => {
    const options = { fetch: (request: Request) => front.app.fetch(request), timeout, headers: { "x-one": "1" } };
    return createElement(
      StrictMode,
      null,
      createElement(GradioProvider, { app: front.app.url, options }, createElement(Component)),
    );
  };
  const page = show(tree(1_000));
  await until(() => page.text() === "ready");
  const { client } = last();
  page.render(tree(1_000));
  await settle();
  expect(last().client).toBe(client);
  expect(front.connections()).toBe(1);
  page.render(tree(2_000));
  await until(() => front.connections() === 2 && page.text() === "ready" && last().client !== client);
  await expect(client!.predict("/greet", ["you"])).rejects.toThrow("closed");
});

test.each(["a client", "a promise of a client"])("%s stays its owner's", async (kind) => {
  const front = openApp();
  const client = await Client.connect(front.app.url, front.options);
  const given = kind === "a client" ? client : Promise.resolve(client);
  const { Component, last } = watched();
  const page = show(
    createElement(StrictMode, null, createElement(GradioProvider, { client: given }, createElement(Component))),
  );
  await until(() => page.text() === "ready");
  expect(last().client).toBe(client);
  page.unmount();
  await settle();
  expect(await client.predict("/greet", ["you"])).toBe("Hello you");
  expect(front.connections()).toBe(1);
  await client.close();
});

test("a provider that is unmounted while it connects gives the connection up", async () => {
  const front = openApp();
  const signals: AbortSignal[] = [];
  const fetch = (request: Request): Promise<Response> => {
    signals.push(request.signal);
    return new Promise(() => undefined);
  };
  const { Component } = watched();
  const tree = createElement(GradioProvider, { app: front.app.url, options: { fetch } }, createElement(Component));
  const page = show(createElement(StrictMode, null, tree));
  await until(() => signals.length > 0);
  expect(page.text()).toBe("connecting");
  page.unmount();
  await until(() => signals.every(({ aborted }) => aborted));
});

test("useGradio outside of a provider is an InputError", async () => {
  const caught: unknown[] = [];
  const Component = (): ReactNode => {
    try {
      useGradio();
    } catch (error) {
      caught.push(error);
    }
    return null;
  };
  show(createElement(Component));
  await until(() => caught.length > 0);
  expect(caught[0]).toBeInstanceOf(InputError);
});

type Api = {
  "/greet": { input: { name: string }; args: [name: string]; output: string };
};

test("createGradio has a context of its own, and knows the endpoints", async () => {
  const front = openApp();
  const own = createGradio<Api>();
  let greet!: ReturnType<typeof useGreet>;
  const useGreet = () => own.useJob("/greet");
  const Component = (): ReactNode => {
    greet = useGreet();
    // The plain hook has another context.
    expect(() => useGradio()).toThrow(InputError);
    return greet.data ?? greet.phase;
  };
  const page = show(
    createElement(own.GradioProvider, { app: front.app.url, options: front.options }, createElement(Component)),
  );
  await until(() => page.text() === "idle");
  expect(await greet.run({ name: "you" })).toBe("Hello you");
  await until(() => page.text() === "Hello you");
});

test("the phase narrows data and error", () => {
  const check = (state: JobHookState<string, CallData>): void => {
    if (state.phase === "success" || state.phase === "streaming") expectTypeOf(state.data).toEqualTypeOf<string>();
    if (state.phase === "idle") expectTypeOf(state.data).toEqualTypeOf<undefined>();
    if (state.phase === "error") expectTypeOf(state.error.code).toBeString();
    else expectTypeOf(state.error).toBeNull();
  };
  expect(check).toBeTypeOf("function");
});
