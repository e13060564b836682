// #region greeting
import { usePrediction } from "@gradio-rx/react";
import type { ReactNode } from "react";

export function Greeting({ name }: { name: string }): ReactNode {
  const { data, isPrevious } = usePrediction<string>("/greet", { name }, { debounce: 300 });
  return <p style={{ opacity: isPrevious ? 0.5 : 1 }}>{data}</p>;
}
// #endregion greeting
