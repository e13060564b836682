import { DestroyRef, inject, Service } from "@angular/core";
import { type Client, lazyClient } from "@gradio-rx/web";

type Api = {
  "/search": { input: { query: string }; output: string[] };
  "/train": { input: { epochs: number }; output: string };
};

/** The client of the page. It connects with the first call. */
@Service()
export class Gradio {
  readonly client: Client<Api> = lazyClient<Api>(new URLSearchParams(location.search).get("app") ?? "owner/name");

  constructor() {
    inject(DestroyRef).onDestroy(() => void this.client.close());
  }
}
