import { Client, handleFile } from "@gradio-rx/client";

/** Calls an app, and prints what it answers. */
export async function callApp(address: string, print: (line: unknown) => void): Promise<void> {
  const app = await Client.connect(address);

  const greeting = await app.predict<string>("/greet", { name: "Ada" });
  print(greeting);

  const counts = await app.predict("/measure", [handleFile(new Blob(["one two"]))]);
  print([counts]);

  for await (const message of app.submit("/write", ["cats"])) {
    if (message.type === "status" && message.progressData) print(message.progressData[0]?.desc);
    if (message.type === "data") print(message.outputs[0]);
  }
  await app.close();
}
