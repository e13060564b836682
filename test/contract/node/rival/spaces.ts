import { onTestFinished, vi } from "vitest";
import { Hub } from "../../../servers/hub.ts";
import { type Behaviour, connectTo } from "./behaviour.ts";
import { front, greeter } from "./front.ts";

const HUB = "https://huggingface.co";

/** Sends the requests for the Hub to another address, until the test ends: `@gradio/client` has no option for it. */
function replaceHub(address: string): void {
  const { fetch } = globalThis;
  vi.stubGlobal("fetch", (input: string | URL | Request, init?: RequestInit) =>
    fetch(typeof input === "string" ? input.replace(HUB, address) : input, init),
  );
  vi.stubEnv("HF_ENDPOINT", address);
  onTestFinished(() => {
    vi.unstubAllGlobals();
    vi.unstubAllEnvs();
  });
}

export const spaces: Behaviour[] = [
  {
    situation: "Private Space whose app says that it is another Space",
    script: async (library) => {
      const hub = await Hub.start();
      onTestFinished(() => hub.close());
      const app = await greeter();
      const impostor = await front(app, (config, own) => ({ ...config, root: own, space_id: "owner/other" }));
      await hub.add("owner/named", { app: impostor.url, token: "hf_mine" });
      await hub.add("owner/other", { app, token: "hf_mine" });
      replaceHub(hub.url);
      await connectTo(library, "owner/named", { token: "hf_mine" });
      const space = /spaces\/owner\/(\w+)\/jwt/.exec(hub.seen.join("\n"))?.[1] ?? "no";
      return `reads a token for the files of the ${space} Space`;
    },
    ours: "reads a token for the files of the named Space",
    theirs: "reads a token for the files of the other Space",
  },
];
