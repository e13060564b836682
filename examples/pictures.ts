import { Jimp, rgbaToInt } from "jimp";

/** A file for a file input of a page, in the format of Playwright. */
export interface PictureFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** Draws a sun above hills, in colours that begin at a hue, 320 pixels wide and 240 high. */
export function landscape(name: string, hue: number): Promise<PictureFile> {
  return draw(name, hue, 320, 240);
}

/** Draws a picture that the app takes two minutes to convert: longer than any test waits. */
export function tower(name: string): Promise<PictureFile> {
  return draw(name, 30, 8, 24_000);
}

async function draw(name: string, hue: number, width: number, height: number): Promise<PictureFile> {
  const picture = new Jimp({ width, height });
  for (const { x, y } of picture.scanIterator(0, 0, width, height)) {
    const hill = height * (0.68 + 0.08 * Math.sin((x / width) * 9 + hue));
    const isSun = Math.hypot(x - width * 0.7, y - height * 0.3) < width * 0.1;
    const turn = isSun ? 180 : y > hill ? 90 : y / height;
    picture.setPixelColor(colour(hue + turn, y > hill ? 0.45 : 0.85), x, y);
  }
  return { name, mimeType: "image/png", buffer: await picture.getBuffer("image/png") };
}

/** Returns the colour of a hue in degrees, with a brightness from 0 to 1. */
function colour(hue: number, brightness: number): number {
  const channel = (shift: number): number =>
    Math.round(255 * brightness * (0.6 + 0.4 * Math.cos(((hue + shift) * Math.PI) / 180)));
  return rgbaToInt(channel(0), channel(-120), channel(120), 255);
}
