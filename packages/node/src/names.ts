// Not by the library filenamify: its result may be a device of Windows (`COM¹`, `nul .txt`, `CONIN$`), may hold characters that
// change the direction of text, and is limited in characters, not in bytes.

/** Maximum length of a file name in bytes: common file systems allow 255, and a number is added to some names. */
const MAX_BYTES = 200;

/** Names of Windows devices, with any ending, also with blanks before it. */
const device = /^(con|prn|aux|nul|(com|lpt)[\d¹²³]|conin\$|conout\$) *(\.|$)/i;

/** Characters that a name must not have: control and direction characters, and those with a meaning on Windows. */
// oxlint-disable-next-line no-control-regex -- these are the characters to remove
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff:*?"<>|]/g;

/**
 * Returns a name that is safe to write into a folder, for a name that a server gave: its last part only, without control and
 * direction characters, without dots and blanks at either end, at most 200 bytes long, and not the name of a device.
 */
export function safeName(name: string): string {
  const last = bounded(name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1));
  const plain = trimmed(shortened(trimmed(last.replaceAll(unsafe, "")))) || "file";
  // Checked last: every change above may have made it the name of a device.
  return isDevice(plain) ? `_${plain}` : plain;
}

/** Whether Windows opens a device, and not a file, under a name. */
export function isDevice(name: string): boolean {
  return device.test(name);
}

/** Returns the name of the n-th file of the same name: `cat (2).png`. */
export function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const { stem, ending } = split(name);
  return `${stem} (${number})${ending}`;
}

/** Returns the beginning and the end of a very long name: the following steps take time that grows with its square. */
function bounded(name: string): string {
  return name.length > 1_000 ? name.slice(0, 900) + name.slice(-100) : name;
}

function trimmed(name: string): string {
  return name.replaceAll(/^[. ]+|[. ]+$/g, "");
}

/** Shortens a name to the maximum length; it keeps its ending where there is room. */
function shortened(name: string): string {
  const { stem, ending } = split(name);
  let short = stem;
  while (short !== "" && Buffer.byteLength(short + ending) > MAX_BYTES) short = Array.from(short).slice(0, -1).join("");
  return short === "" ? Array.from(name).slice(0, 40).join("") : short + ending;
}

function split(name: string): { stem: string; ending: string } {
  const dot = name.lastIndexOf(".");
  const isTooLong = name.length - dot > 20;
  return dot <= 0 || isTooLong ? { stem: name, ending: "" } : { stem: name.slice(0, dot), ending: name.slice(dot) };
}
