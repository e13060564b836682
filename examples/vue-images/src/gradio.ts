import { createGradio } from "@gradio-rx/vue";
import type { FileData } from "@gradio-rx/web";

type Api = {
  "/grey": { input: { image: File }; output: FileData };
};

export const { gradioPlugin, usePrediction } = createGradio<Api>();
