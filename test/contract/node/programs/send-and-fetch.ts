// Sends a file of the disk, as such or as a stream, has it back, fetches it, and tells by how much its memory has grown.
import { Client, type FileData, handleFile } from "#sdk";
import { createReadStream } from "node:fs";

const [url = "", path = "", dir = "", how = ""] = process.argv.slice(2);
const client = await Client.connect(url);
// Once with little, so that what every first call needs is there before.
await client.download(await client.predict<FileData>("/file_echo", [new File(["warm"], "warm")]), { dir });
const before = process.memoryUsage.rss();
let most = before;
const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
const sent = how === "stream" ? createReadStream(path) : handleFile(path);
const file = await client.predict<FileData>("/file_echo", [sent], { idleTimeout: Infinity });
await client.download(file, { dir });
clearInterval(watch);
await client.close();
process.stdout.write(JSON.stringify({ size: file.size, grown: most - before }));
