interface ImportMetaEnv {
  /** URL of the app. */
  readonly VITE_GRADIO_APP: string;
  /** Name and version of the app. */
  readonly VITE_GRADIO_APP_NAME: string;
}

interface ImportMeta {
  readonly env: ImportMetaEnv;
}

declare module "*.png" {
  const url: string;
  export default url;
}
