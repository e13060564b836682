/** Small files of several types, and the properties that a server reports for them. */

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAIAAAA7ljmRAAAAEElEQVR4nGP8z4AATEhsPBwAM9EBBzDn4UwAAAAASUVORK5CYII=";

/** An image of four by three pixels. */
export function picture(name = "pic ture (1).png"): File {
  return new File([Uint8Array.from(atob(PNG), (char) => char.charCodeAt(0))], name, { type: "image/png" });
}

/** A tone: 8 kHz, 16 bit, mono. */
export function sound(name = "tone.wav", samples = 800): File {
  const data = Int16Array.from({ length: samples }, (_, at) => 8000 * Math.sin(at / 5));
  const head = new DataView(new ArrayBuffer(44));
  [
    0x52494646,
    36 + data.byteLength,
    0x57415645,
    0x666d7420,
    16,
    0,
    8000,
    16_000,
    0,
    0x64617461,
    data.byteLength,
  ].forEach((word, at) => head.setUint32(at * 4, word, ![0, 2, 3, 9].includes(at)));
  head.setUint32(20, 0x00010001, true);
  head.setUint32(32, 0x00100002, true);
  return new File([head, data], name, { type: "audio/wav" });
}

/** Description of a file by the app's function: its name, its size, and a digest of its bytes. */
export async function facts(file: File): Promise<{ name: string; size: number; sha256: string }> {
  return { name: file.name, size: file.size, sha256: await digest(file) };
}

/** Returns the SHA-256 digest of bytes in hexadecimal digits. */
export async function digest(bytes: Blob): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await bytes.arrayBuffer()));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
