import { type Behaviour, connect, type Library, within } from "./behaviour.ts";

/** Resolves with the outcome of the last of some calls that one client makes, one after the other. */
async function outcome(library: Library, calls = 1): Promise<string> {
  const client = await connect(library);
  for (let before = 1; before < calls; before++) await client.predict("/echo", ["before"]);
  return await within(
    library,
    client.predict<[string]>("/echo", ["x"]).then(
      ({ data }) => `gives ${data[0]}`,
      (error: Error) =>
        error.message.includes("legacy version of Gradio") ? "rejects: Gradio 3 is refused" : "rejects",
    ),
  );
}

/** Behaviours with apps of old versions of Gradio, by the version. Each is measured in the project of its version. */
export const versions: Readonly<Record<string, Behaviour>> = {
  "3.50.2": {
    situation: "Call of an app of Gradio 3.50",
    script: (library) => outcome(library),
    ours: "gives x",
    theirs: "rejects: Gradio 3 is refused",
  },
  "4.8.0": {
    situation: "Call of an app of Gradio 4.8, whose protocol is `sse`",
    script: (library) => outcome(library),
    ours: "gives x",
    theirs: "does not end",
  },
  "4.16.0": {
    situation: "Second call of an app of Gradio 4.16, whose protocol is `sse_v1`",
    script: (library) => outcome(library, 2),
    ours: "gives x",
    theirs: "does not end",
  },
  "4.21.0": {
    situation: "Second call of an app of Gradio 4.21, whose protocol is `sse_v2.1`",
    script: (library) => outcome(library, 2),
    ours: "gives x",
    theirs: "does not end",
  },
};
