import * as gr from "@gradio-rx/testing";

/** Texts that a careless generator copies into its code. */
const hostile = [
  "*/ export const evil = 1; /*",
  '"; export const evil = 1; //',
  "`${process.exit(1)}`",
  "line\nexport const evil = 1;\u2028export const evil = 2;\r",
  "\u009b2J\u001b[31m\u0000",
  "</script><!--",
  "\\",
];

const fileSchema = {
  type: "object",
  properties: { path: { type: "string" }, meta: { default: { _type: "gradio.FileData" } } },
};

const make = (schema: gr.Schema, options: gr.ComponentOptions = {}): gr.Component =>
  gr.component("custom", "value", options, { schema });

/** An endpoint that gives back its inputs. */
function echo(inputs: readonly gr.Component[], parameters: readonly string[], description = ""): gr.Endpoint {
  return gr.endpoint({
    inputs: [...inputs],
    outputs: [...inputs],
    parameters: [...parameters],
    description,
    fn: () => [],
  });
}

const one = (component: gr.Component, name = "value"): Record<string, gr.Endpoint> => ({
  one: echo([component], [name]),
});
const numbers = (length: number): number[] => Array.from({ length }, (_, at) => at);
const pair = { $defs: { Node: { properties: { next: { $ref: "#/$defs/Node" } } } } };

/** Apps that differ in components, names, schemas and texts, by their subject. */
export const apps: Readonly<Record<string, Record<string, gr.Endpoint>>> = {
  "no endpoint": {},
  "nothing in, nothing out": { none: gr.endpoint({ inputs: [], outputs: [], parameters: [], fn: () => [] }) },
  "a component of each kind": {
    all: echo(
      [
        gr.textbox("text"),
        gr.number("number"),
        gr.slider("slider"),
        gr.checkbox("checkbox"),
        gr.dropdown("dropdown", ["a", "b"]),
        gr.json("json"),
        gr.anything("anything"),
        gr.file("file"),
        gr.file("files", { file_count: "multiple" }),
        gr.image("image"),
        gr.audio("audio"),
        gr.gallery("gallery"),
        gr.dataframe("dataframe"),
        gr.chatbot("chatbot"),
      ],
      [
        "text",
        "number",
        "slider",
        "checkbox",
        "dropdown",
        "json",
        "anything",
        "file",
        "files",
        "image",
        "audio",
      ].concat(["gallery", "dataframe", "chatbot"]),
    ),
  },
  "a generator": {
    grow: gr.endpoint({
      inputs: [gr.textbox("text")],
      outputs: [gr.textbox("text")],
      parameters: ["text"],
      fn: async function* () {
        yield "a";
      },
    }),
  },
  "an input that is a stream": {
    listen: gr.endpoint({
      inputs: [gr.textbox("chunk")],
      outputs: [gr.textbox("heard")],
      parameters: ["chunk"],
      connection: "stream",
      fn: () => "",
    }),
  },
  "a state between its inputs": { kept: echo([gr.textbox("a"), gr.state(1), gr.textbox("b")], ["a", "kept", "b"]) },
  "defaults before a required parameter": {
    late: echo([gr.textbox("a", { value: "x" }), gr.number("b", { value: null }), gr.textbox("c")], ["a", "b", "c"]),
  },
  "names that are reserved words": {
    class: echo([gr.textbox("default"), gr.textbox("await"), gr.textbox("class")], ["default", "await", "class"]),
  },
  "names in many scripts": {
    日本語: echo([gr.textbox("名前"), gr.textbox("größe"), gr.textbox("👍")], ["名前", "größe", "имя"]),
  },
  "names that need quotes": { 'a b"c': echo([gr.textbox("x-y"), gr.textbox("1")], ["x-y", "1 2"]) },
  "names of the prototype": {
    constructor: echo([gr.textbox("toString"), gr.textbox("x")], ["__proto__", "toString"]),
    toString: echo([gr.textbox("valueOf")], ["valueOf"]),
  },
  "names of types that the module uses": {
    Api: echo([gr.file("FileData"), gr.textbox("Record")], ["FileInput", "unknown"]),
  },
  "labels that are equal or empty": { same: echo([gr.textbox("x"), gr.textbox("x"), gr.textbox("")], ["a", "b", "c"]) },
  "hostile texts everywhere": {
    hostile: echo(
      hostile.map((text) => gr.textbox(text, { info: text, value: text })),
      hostile,
      hostile.join(" "),
    ),
  },
  "hostile choices": one(gr.dropdown("choice", hostile)),
  "choices of numbers, and open ones": {
    numbers: echo([make({ type: "string", enum: [1, 2.5, -3] }, { choices: [["One", 1]] })], ["number"]),
    open: echo([make({ type: "string" }, { choices: [["A", "a"]], allow_custom_value: true })], ["open"]),
  },
  "no choice, and more than a hundred": {
    none: echo([make({ type: "string", enum: [] }, { choices: [] })], ["none"]),
    many: echo([gr.dropdown("many", numbers(500).map(String))], ["many"]),
  },
  "schemas that refer to themselves": {
    tree: echo([make({ ...pair, $ref: "#/$defs/Node" })], ["tree"]),
    endless: echo([make({ $defs: { A: { $ref: "#/$defs/A" } }, $ref: "#/$defs/A" })], ["endless"]),
    lost: echo([make({ $ref: "#/$defs/Nowhere" })], ["lost"]),
  },
  "invalid schemas": {
    odd: echo([make({ type: {} }), make({ type: ["string", "null"] }), make({ type: 5 })], ["a", "b", "c"]),
  },
  "files inside of objects and lists": {
    deep: echo(
      [
        make({ type: "object", properties: { file: fileSchema, more: { type: "array", items: fileSchema } } }),
        make({ type: "array", prefixItems: [fileSchema, { type: "string" }] }),
        make({ anyOf: [fileSchema, { type: "null" }] }),
      ],
      ["object", "list", "maybe"],
    ),
  },
  "two hundred endpoints": Object.fromEntries(
    numbers(200).map((at) => [`e${at}`, echo([gr.textbox("a")], ["a"], `Endpoint ${at}.`)]),
  ),
};
