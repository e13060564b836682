// Uploads a file as a file or as a stream, downloads it, and prints the growth of its memory.
import { Client, type FileData, handleFile } from "#sdk";
import { createReadStream } from "node:fs";

const [url = "", path = "", dir = "", how = ""] = process.argv.slice(2);
const client = await Client.connect(url);
// Starts with a small file, to load what the first call needs.
await client.download(await client.predict<FileData>("/file_echo", [new File(["warm"], "warm")]), { dir });
const rss = (): number => process.memoryUsage.rss();
const before = rss();
const most = { sent: 0, fetched: 0 };
let now: keyof typeof most = "sent";
const watch = setInterval(() => (most[now] = Math.max(most[now], rss() - before)), 5);
const [file] = await client.upload([how === "stream" ? createReadStream(path) : handleFile(path)]);
now = "fetched";
await client.download(file!, { dir });
clearInterval(watch);
await client.close();
process.stdout.write(JSON.stringify({ size: file!.size, ...most }));
