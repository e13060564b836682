import type { Client, FileData } from "#sdk";
import { expect, test } from "vitest";
import { digest, facts, picture, sound } from "../media.ts";
import { connect } from "../place.ts";

interface Trip<T> {
  back: T;
  seen: unknown;
}

/** Calls the endpoint of one component; returns its output, and the value that its function received. */
async function trip<T = unknown>(client: Client, name: string, value: unknown): Promise<Trip<T>> {
  const [back, seen] = await client.predict<[T, { value: unknown }]>(`/${name}`, [value]);
  return { back, seen: seen.value };
}

const app = () => connect({}, "components");

async function bytesOf(file: FileData): Promise<Blob> {
  const response = await fetch(file.url);
  expect(response.status).toBe(200);
  return await response.blob();
}

test.each<[string, unknown]>([
  ["textbox", 'Grüße, 世界\n"quoted" <b>'],
  ["textbox", ""],
  ["number", 1.5],
  ["number", -0.001],
  ["slider", 2.5],
  ["checkbox", true],
  ["checkbox", false],
  ["checkbox_group", ["a", "c"]],
  ["checkbox_group", []],
  ["dropdown", "b"],
  ["dropdown_many", ["a", "b"]],
  ["radio", "a"],
  ["radio", 2],
  ["date", "2024-02-29 12:30:00"],
  ["code", "def f(x):\n\treturn x  # ünïcødé"],
  ["json", { a: [1, null, { b: true }], c: "text" }],
  ["json", [1, [2, [3]]]],
  ["html", '<b class="x">bold</b>'],
  ["markdown", "# Title\n\n- item"],
  ["color", "#ff8800"],
])("%s is returned unchanged: %j", async (name, value) => {
  expect(await trip(await app(), name, value)).toEqual({ back: value, seen: value });
});

test("a table is sent with its headers, and returned as headers and rows", async () => {
  const rows = [
    ["x", 1],
    ["y", 2.5],
  ];
  const { back, seen } = await trip(await app(), "dataframe", { headers: ["name", "value"], data: rows });
  expect(back).toMatchObject({ headers: ["name", "value"], data: rows });
  expect(seen).toEqual({ columns: ["name", "value"], rows });
});

test("highlighted text and a label with confidences are returned", async () => {
  const client = await app();
  const words = [
    { token: "Ada", class_or_confidence: "PERSON" },
    { token: " writes", class_or_confidence: null },
  ];
  expect(await trip(client, "highlighted_text", words)).toEqual({ back: words, seen: words });
  const label = { label: "cat", confidences: [{ label: "cat", confidence: 0.75 }] };
  expect(await trip(client, "label", label)).toEqual({ back: label, seen: { cat: 0.75 } });
});

test("a plot is returned as its type and its JSON", async () => {
  const client = await app();
  const { back } = await trip<{ type: string; plot: string }>(client, "plot", null);
  expect(back.type).toBe("plotly");
  expect(JSON.parse(back.plot)).toMatchObject({ data: [{ y: [1, 3, 2] }] });
  expect(await trip(client, "plot", back)).toEqual({ back, seen: back });
});

test.each<[string, () => File]>([
  ["image", () => picture()],
  ["audio", () => sound()],
  ["video", () => new File(["no film, but bytes"], "film é.mp4", { type: "video/mp4" })],
  ["file", () => new File(["any bytes"], "no ending", { type: "text/plain" })],
  ["model3d", () => new File(["o cube\nv 0 0 0\n"], "cube [1].obj", { type: "model/obj" })],
  ["download_button", () => new File(["report"], "report #1 100%.txt")],
  ["upload_button", () => new File(["report"], "it's mine.txt")],
])(
  "%s accepts a file by value, and returns one with the same name and bytes that can be fetched",
  async (name, make) => {
    const client = await app();
    const file = make();
    const { back, seen } = await trip<FileData>(client, name, file);
    expect(seen).toEqual(await facts(file));
    expect(back).toMatchObject({ origName: file.name, isStream: false });
    expect(await digest(await bytesOf(back))).toBe(await digest(file));
    // The output is used as the next input.
    expect((await trip(client, name, back)).seen).toEqual(seen);
  },
);

test("files that the function receives as arrays are returned as new files", async () => {
  const client = await app();
  const image = await trip<FileData>(client, "image_array", picture());
  expect(image.seen).toEqual({ shape: [3, 4, 3] });
  expect((await bytesOf(image.back)).size).toBeGreaterThan(0);
  const audio = await trip<FileData>(client, "audio_array", sound("tone.wav", 800));
  expect(audio.seen).toEqual([8000, { shape: [800] }]);
  expect((await bytesOf(audio.back)).size).toBeGreaterThan(800);
});

test("a list of files is sent and returned", async () => {
  const files = [picture("a.png"), new File(["b"], "b.txt")];
  const { back, seen } = await trip<FileData[]>(await app(), "files", files);
  expect(seen).toEqual([await facts(files[0]!), await facts(files[1]!)]);
  expect(back.map(({ origName }) => origName)).toEqual(["a.png", "b.txt"]);
});

test("a gallery accepts images with and without captions, and videos", async () => {
  const client = await app();
  const [one, two] = [picture("one.png"), picture("two.png")];
  const film = new File(["film"], "film.mp4", { type: "video/mp4" });
  const { back, seen } = await trip<({ image: FileData } | { video: FileData })[]>(client, "gallery", [
    { image: one, caption: "first" },
    two,
    film,
  ]);
  expect(seen).toEqual([
    [await facts(one), "first"],
    [await facts(two), null],
    [await facts(film), null],
  ]);
  expect(back).toMatchObject([
    { image: { origName: "one.png", mimeType: "image/png" }, caption: "first" },
    { image: { origName: "two.png" }, caption: null },
    { video: { origName: "film.mp4", mimeType: "video/mp4" } },
  ]);
  const [first] = back as { image: FileData }[];
  expect(await digest(await bytesOf(first!.image))).toBe(await digest(one));
  expect((await trip(client, "gallery", back)).seen).toEqual(seen);
});

test("a multimodal text accepts text and files", async () => {
  const file = picture();
  const { back, seen } = await trip<{ text: string; files: FileData[] }>(await app(), "multimodal", {
    text: "look",
    files: [file],
  });
  expect(seen).toEqual({ text: "look", files: [await facts(file)] });
  expect(back).toMatchObject({ text: "look", files: [{ origName: file.name, mimeType: "image/png" }] });
  expect(await digest(await bytesOf(back.files[0]!))).toBe(await digest(file));
});

test("an image editor accepts background, layers and composite", async () => {
  const client = await app();
  const value = { background: picture("back.png"), layers: [picture("layer.png")], composite: picture("all.png") };
  const one = await trip<FileData>(client, "image_editor", value);
  expect(one.seen).toMatchObject({
    background: { name: "back.png" },
    layers: [{ name: "layer.png" }],
    composite: { name: "all.png" },
  });
  expect((await bytesOf(one.back)).type).toBe("image/png");
  const two = await trip<{ background: FileData; layers: FileData[] }>(client, "image_editor_trip", value);
  expect((await bytesOf(two.back.background)).size).toBeGreaterThan(0);
  expect((await bytesOf(two.back.layers[0]!)).size).toBeGreaterThan(0);
});

test("messages of a chat contain texts and files", async () => {
  const client = await app();
  const file = picture();
  const history = [
    {
      role: "user",
      content: [
        { type: "text", text: "look" },
        { type: "file", file },
      ],
    },
    { role: "assistant", content: [{ type: "text", text: "nice" }] },
  ];
  const { back, seen } = await trip<{ role: string; content: { text?: string; file?: FileData }[] }[]>(
    client,
    "chatbot",
    history,
  );
  expect(seen).toMatchObject([{ role: "user", content: [{ text: "look" }, { type: "file" }] }, { role: "assistant" }]);
  expect(back).toMatchObject([
    { content: [{ text: "look" }, { file: { origName: file.name } }] },
    { role: "assistant" },
  ]);
  expect(await digest(await bytesOf(back[0]!.content[1]!.file!))).toBe(await digest(file));
  expect(await trip(client, "chatbot", back)).toMatchObject({ back: [{ role: "user" }, { role: "assistant" }] });
});

test("an annotated image is returned with a file for the image and one for each annotation", async () => {
  const { back } = await trip<{ image: FileData; annotations: { image: FileData; label: string }[] }>(
    await app(),
    "annotated_image",
    picture(),
  );
  expect(await digest(await bytesOf(back.image))).toBe(await digest(picture()));
  expect(back.annotations).toMatchObject([{ label: "corner", image: { url: expect.stringContaining("http") } }]);
  expect((await bytesOf(back.annotations[0]!.image)).type).toBe("image/png");
});

test.each(["image", "audio", "file", "dropdown", "date", "json", "plot", "gallery"])(
  "%s may be empty",
  async (name) => {
    const { seen } = await trip(await app(), name, null);
    expect(seen).toBe(null);
  },
);
