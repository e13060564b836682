// #region writer
import { GradioProvider, useJob } from "@gradio-rx/react";
import { type ReactNode, useState } from "react";

export function Writer(): ReactNode {
  const [topic, setTopic] = useState("cats");
  const { data, error, isPending, run, cancel } = useJob<string>("/write");
  return (
    <form action={() => void run({ topic })}>
      <input value={topic} onChange={(event) => setTopic(event.target.value)} />
      {isPending ? (
        <button type="button" onClick={() => void cancel()}>
          Stop
        </button>
      ) : (
        <button type="submit">Write</button>
      )}
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
