// #region writer
import { gradioPlugin, useJob } from "@gradio-rx/vue";
import { type App, type Component, createSSRApp, defineComponent, h, ref } from "vue";

export const Writer: Component = defineComponent(() => {
  const topic = ref("cats");
  const { data, error, isPending, run, cancel } = useJob<string>("/write");
  return () => [
    h("input", {
      value: topic.value,
      onInput: (event: Event) => (topic.value = (event.target as HTMLInputElement).value),
    }),
    isPending.value
      ? h("button", { onClick: () => void cancel() }, "Stop")
      : h("button", { onClick: () => void run({ topic: topic.value }) }, "Write"),
    h("p", error.value?.message ?? data.value),
  ];
});

export function createPage(app: string): App {
  return createSSRApp(Writer).use(gradioPlugin, { app });
}
// #endregion writer
