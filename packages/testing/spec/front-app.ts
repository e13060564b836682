import { AppFailure, type CallContext, createApp, endpoint, file, type MemoryApp, textbox } from "@gradio-rx/testing";

/** The app that components call, in the same page, with controls for its functions. */
export interface FrontApp {
  app: MemoryApp;
  /** Options of `Client.connect` that reach the app. */
  options: { fetch: (request: Request) => Promise<Response> };
  /** Lets every `/write` and `/hold` continue by one step. */
  step(): void;
  /** Lets them continue as soon as one of them waits. */
  nextStep(): Promise<void>;
  /** Data of the calls that the app has started to run, in order. */
  started: unknown[];
  /** Number of calls that were cancelled while they ran. */
  cancelled(): number;
  /** Number of calls that were sent. */
  calls(): number;
  /** Number of connections that were made. */
  connections(): number;
}

/** Creates the app in memory. */
export function frontApp(): FrontApp {
  const steps = new Set<() => void>();
  const started: unknown[] = [];
  let cancelled = 0;
  const stepOf = (signal: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const go = (): void => {
        steps.delete(go);
        resolve(true);
      };
      steps.add(go);
      signal.addEventListener("abort", () => {
        steps.delete(go);
        resolve(false);
      });
    });
  const hold = async (signal: AbortSignal): Promise<boolean> => {
    const isOn = await stepOf(signal);
    if (!isOn) cancelled++;
    return isOn;
  };
  const app = createApp(
    {
      "/greet": (name: string) => {
        started.push(name);
        return `Hello ${name}`;
      },
      async *"/write"(topic: string, { signal }: CallContext) {
        started.push(topic);
        let text = topic;
        for (let step = 0; step < 4; step++) {
          if (step > 0) text += ` ${step}`;
          yield text;
          if (!(await hold(signal))) return;
        }
      },
      "/hold": async (name: string, { signal }: CallContext) => {
        started.push(name);
        await hold(signal);
        return `Held ${name}`;
      },
      async *"/burst"(count = 300) {
        for (let step = 1; step <= count; step++) yield step;
      },
      "/fail": () => {
        throw new AppFailure("no luck");
      },
      "/say": async (text: string, { info, progress }: CallContext) => {
        info(text);
        progress(0.5);
        // Reports of progress are sampled.
        await new Promise((resolve) => setTimeout(resolve, 100));
        return text;
      },
      "/name": endpoint({
        inputs: [file("file")],
        outputs: [textbox("name")],
        fn: (given: File) => {
          started.push(given.name);
          return given.name;
        },
      }),
    },
    { defaultConcurrencyLimit: null },
  );
  const step = (): void => {
    for (const go of Array.from(steps)) go();
  };
  return {
    app,
    options: { fetch: (request) => app.fetch(request) },
    step,
    nextStep: async () => {
      await until(() => steps.size > 0);
      step();
    },
    started,
    cancelled: () => cancelled,
    calls: () => app.count("POST", "/queue/join"),
    connections: () => app.count("GET", "/config"),
  };
}

/** Waits until a condition holds. */
export async function until(holds: () => boolean, patience = 15_000): Promise<void> {
  const end = performance.now() + patience;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`This did not come to hold: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits some tasks and frames, so that effects of earlier work are visible. */
export async function settle(): Promise<void> {
  for (let task = 0; task < 5; task++) await new Promise((resolve) => setTimeout(resolve, 20));
}
