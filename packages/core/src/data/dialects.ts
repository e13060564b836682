import { type DialectOf, markedFiles, plainFiles } from "./dialect.ts";

/** The dialects of a generation of the wire, by its name; those of Gradio 3 are loaded when they are needed. */
export async function fileDialects(protocol: string): Promise<DialectOf> {
  if (protocol === "ws") return (await import("./gradio3.ts")).gradio3Files;
  const plain = protocol === "sse" || protocol === "sse_v1" || protocol === "sse_v2";
  return () => (plain ? plainFiles : markedFiles);
}
