/** A JSON schema in `/info`. */
export type Schema = Record<string, unknown>;

const text: Schema = { type: "string" };

function field(schema: Schema, title: string): Schema {
  return { anyOf: [schema, { type: "null" }], default: null, title };
}

function withDefinitions(definitions: readonly string[], schema: Schema): Schema {
  const all: Record<string, () => Schema> = {
    ComponentMessage: componentMessage,
    FileData: fileProperties,
    FileDataMeta: fileMeta,
    FileMessage: fileMessage,
    GalleryImage: () => galleryItem("image", "ImageData"),
    GalleryVideo: () => galleryItem("video", "FileData"),
    ImageData: imageProperties,
    Message: message,
    MetadataDict: metadata,
    OptionDict: option,
    TextMessage: textMessage,
  };
  return { $defs: Object.fromEntries(definitions.map((name) => [name, all[name]?.()])), ...schema };
}

function object(title: string, properties: Record<string, Schema>, required?: string[]): Schema {
  return { properties, ...(required === undefined ? {} : { required }), title, type: "object" };
}

function fileMeta(): Schema {
  const type = { const: "gradio.FileData", title: "Type", type: "string" };
  return object("FileDataMeta", { _type: type }, ["_type"]);
}

function fileProperties(): Schema {
  const properties = {
    path: { title: "Path", ...text },
    url: field(text, "Url"),
    size: field({ type: "integer" }, "Size"),
    orig_name: field(text, "Orig Name"),
    mime_type: field(text, "Mime Type"),
    is_stream: { default: false, title: "Is Stream", type: "boolean" },
    meta: { $ref: "#/$defs/FileDataMeta" },
  };
  return object("FileData", properties, ["path"]);
}

function imageProperties(): Schema {
  return object("ImageData", {
    path: field(text, "Path"),
    url: field(text, "Url"),
    size: field({ type: "integer" }, "Size"),
    orig_name: field(text, "Orig Name"),
    mime_type: field(text, "Mime Type"),
    is_stream: { default: false, title: "Is Stream", type: "boolean" },
    meta: { additionalProperties: true, default: { _type: "gradio.FileData" }, title: "Meta", type: "object" },
  });
}

function galleryItem(name: "image" | "video", definition: string): Schema {
  const title = name === "image" ? "GalleryImage" : "GalleryVideo";
  return object(title, { [name]: { $ref: `#/$defs/${definition}` }, caption: field(text, "Caption") }, [name]);
}

/** Schema of one file. */
export function fileSchema(): Schema {
  return withDefinitions(["FileDataMeta"], fileProperties());
}

/** Schema of a list of files. */
export function filesSchema(): Schema {
  return withDefinitions(["FileData", "FileDataMeta"], {
    items: { $ref: "#/$defs/FileData" },
    title: "ListFiles",
    type: "array",
  });
}

/** Schema of one image. Unlike the schema of a file it has no definitions. */
export function imageSchema(): Schema {
  return imageProperties();
}

/** Schema of images and videos with captions. */
export function gallerySchema(): Schema {
  const items = { anyOf: [{ $ref: "#/$defs/GalleryImage" }, { $ref: "#/$defs/GalleryVideo" }] };
  const definitions = ["FileData", "FileDataMeta", "GalleryImage", "GalleryVideo", "ImageData"];
  return withDefinitions(definitions, { items, title: "GalleryData", type: "array" });
}

/** Schema of a table. */
export function dataframeSchema(): Schema {
  const list = { items: {}, type: "array" };
  const metadataField = { additionalProperties: { anyOf: [list, { type: "null" }] }, type: "object" };
  return object(
    "DataframeData",
    {
      headers: { items: {}, title: "Headers", type: "array" },
      data: { items: list, title: "Data", type: "array" },
      metadata: field(metadataField, "Metadata"),
    },
    ["headers", "data"],
  );
}

/** Schema of chat messages, which consist of texts, files and components. */
export function chatSchema(): Schema {
  const definitions = ["ComponentMessage", "FileData", "FileDataMeta", "FileMessage", "Message"];
  return withDefinitions([...definitions, "MetadataDict", "OptionDict", "TextMessage"], {
    items: { $ref: "#/$defs/Message" },
    title: "ChatbotDataMessages",
    type: "array",
  });
}

function kind(name: string): Schema {
  return { const: name, default: name, title: "Type", ...text };
}

function componentMessage(): Schema {
  const properties = {
    component: { title: "Component", ...text },
    value: { title: "Value" },
    constructor_args: { additionalProperties: true, title: "Constructor Args", type: "object" },
    props: { additionalProperties: true, title: "Props", type: "object" },
    type: kind("component"),
  };
  return object("ComponentMessage", properties, ["component", "value", "constructor_args", "props"]);
}

function fileMessage(): Schema {
  const file = { $ref: "#/$defs/FileData" };
  return object("FileMessage", { file, alt_text: field(text, "Alt Text"), type: kind("file") }, ["file"]);
}

function textMessage(): Schema {
  return object("TextMessage", { text: { title: "Text", ...text }, type: kind("text") }, ["text"]);
}

function message(): Schema {
  const parts = ["TextMessage", "FileMessage", "ComponentMessage"].map((name) => ({ $ref: `#/$defs/${name}` }));
  const properties = {
    role: { title: "Role", ...text },
    metadata: { anyOf: [{ $ref: "#/$defs/MetadataDict" }, { type: "null" }], default: null },
    content: { items: { anyOf: parts }, title: "Content", type: "array" },
    options: field({ items: { $ref: "#/$defs/OptionDict" }, type: "array" }, "Options"),
  };
  return object("Message", properties, ["role", "content"]);
}

function metadata(): Schema {
  const id = (title: string): Schema => ({ anyOf: [{ type: "integer" }, text], title });
  return object("MetadataDict", {
    title: { title: "Title", ...text },
    id: id("Id"),
    parent_id: id("Parent Id"),
    log: { title: "Log", ...text },
    duration: { title: "Duration", type: "number" },
    status: { enum: ["pending", "done"], title: "Status", ...text },
  });
}

function option(): Schema {
  return object("OptionDict", { value: { title: "Value", ...text }, label: { title: "Label", ...text } }, ["value"]);
}
