import { createApp } from "vue";
import App from "./app.vue";
import { gradioPlugin } from "./gradio.ts";
import "./style.css";

createApp(App)
  .use(gradioPlugin, { app: import.meta.env.VITE_GRADIO_APP })
  .mount("#app");
