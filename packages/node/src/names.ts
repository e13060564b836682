/** Longest name of a file, in bytes: what common file systems take, and room for a number. */
const LONGEST = 200;

/** Names that some systems keep for devices, with any ending, and with blanks before it. */
const device = /^(con|prn|aux|nul|(com|lpt)[\d¹²³]|conin\$|conout\$) *(\.|$)/i;

/**
 * A name that can be written into a folder without leaving it, whatever the server said: its last part alone, without
 * control and direction characters, outer dots and blanks, and names of devices.
 */
export function safeName(name: string): string {
  const last = bounded(name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1));
  const plain = last
    // oxlint-disable-next-line no-control-regex -- these are what is to be taken out
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff:*?"<>|]/g, "")
    .replaceAll(/^[. ]+|[. ]+$/g, "");
  const named = plain === "" ? "file" : plain;
  return shorten(device.test(named) ? `_${named}` : named).replace(/[. ]+$/, "");
}

/** Its beginning and its ending: what comes after takes time that grows with the square of the length. */
function bounded(name: string): string {
  return name.length > 1_000 ? name.slice(0, 900) + name.slice(-100) : name;
}

/** A name for the n-th file of the same name: `cat (2).png`. */
export function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const { stem, ending } = split(name);
  return `${stem} (${number})${ending}`;
}

function shorten(name: string): string {
  const { stem, ending } = split(name);
  let short = stem;
  while (short !== "" && Buffer.byteLength(short + ending) > LONGEST) short = Array.from(short).slice(0, -1).join("");
  return short === "" ? Array.from(name).slice(0, 40).join("") : short + ending;
}

function split(name: string): { stem: string; ending: string } {
  const dot = name.lastIndexOf(".");
  const long = name.length - dot > 20;
  return dot <= 0 || long ? { stem: name, ending: "" } : { stem: name.slice(0, dot), ending: name.slice(dot) };
}
