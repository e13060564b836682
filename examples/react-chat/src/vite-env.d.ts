interface ImportMetaEnv {
  /** URL or Space id of the app. */
  readonly VITE_GRADIO_APP: string;
}
