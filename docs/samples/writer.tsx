// #region writer
import { GradioProvider, useJob } from "@gradio-rx/react";
import { type ReactNode, useState } from "react";

export function Writer(): ReactNode {
  const [topic, setTopic] = useState("cats");
  const { data, error, isPending, run, cancel } = useJob<string>("/write");
  return (
    <form action={() => void run({ topic })}>
      <input value={topic} onChange={(event) => setTopic(event.target.value)} />
      <button type="submit" disabled={isPending}>
        Write
      </button>
      <button type="button" disabled={!isPending} onClick={() => void cancel()}>
        Stop
      </button>
      <p>{error?.message ?? data}</p>
    </form>
  );
}

export function Page({ app }: { app: string }): ReactNode {
  return (
    <GradioProvider app={app}>
      <Writer />
    </GradioProvider>
  );
}
// #endregion writer
