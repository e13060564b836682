// Names are listed, as bundlers with one file for all (Vite's workers) lose a class behind two `export *`.
export * from "@gradio-rx/core";
export { Client, lazyClient, type WebConnectOptions } from "@gradio-rx/web";
