interface ImportMetaEnv {
  /** URL or Space id of the app. */
  readonly VITE_GRADIO_APP: string;
}

declare module "*.vue" {
  import type { Component } from "vue";

  const component: Component;
  export default component;
}
