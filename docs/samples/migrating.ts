import { type Client, handleFile } from "@gradio-rx/node";

export async function migrated(client: Client, path: string, print: (line: unknown) => void): Promise<void> {
  // #region migrated
  const text = await client.predict<string>("/greet", { name: "Ada" }); // the output itself, not { data: [output] }
  const job = client.submit<string>("/write", ["cats"]);
  for await (const event of job) if (event.type === "data") print(event.data); // the output itself, not [output]
  const counts = await client.predict("/measure", [handleFile(path)]); // handle_file
  const endpoints = client.endpoints.map(({ name }) => name); // view_api
  // #endregion migrated
  print([text, counts, endpoints.length]);
}
