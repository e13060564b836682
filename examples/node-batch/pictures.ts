import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Jimp } from "jimp";

const SIZE = 16;

/** A picture of one colour. */
export interface Picture {
  name: string;
  /** Its colour, as in `#336699`. Each picture has another one. */
  colour: string;
}

/** Writes PNG files of one colour each into a folder, and returns them. */
export async function makePictures(folder: string, count: number): Promise<Picture[]> {
  await mkdir(folder, { recursive: true });
  const pictures: Picture[] = [];
  for (let index = 0; index < count; index++) {
    // Steps through the colours, so that neighbours differ.
    const colour = `#${((index * 30_011 + 0x33_66_99) % 0x1_00_00_00).toString(16).padStart(6, "0")}`;
    const name = `${String(index).padStart(5, "0")}.png`;
    const picture = new Jimp({ width: SIZE, height: SIZE, color: `${colour}ff` });
    await writeFile(join(folder, name), await picture.getBuffer("image/png"));
    pictures.push({ name, colour });
  }
  return pictures;
}
