import { client, handle_file } from "@gradio/client";

/** Calls an app, and prints what it answers. */
export async function callApp(address: string, print: (line: unknown) => void): Promise<void> {
  const app = await client(address, { events: ["data", "status"] });

  const greeting = await app.predict<string[]>("/greet", { name: "Ada" });
  print(greeting.data[0]);

  const counts = await app.predict("/measure", [handle_file(new Blob(["one two"]))]);
  print(counts.data);

  for await (const message of app.submit("/write", ["cats"])) {
    if (message.type === "status" && message.progress_data) print(message.progress_data[0]?.desc);
    if (message.type === "data") print(message.data[0]);
  }
  app.close();
}
