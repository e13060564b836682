/** A new session's id: 128 bits from the platform's cryptographic random source, in hexadecimal. */
export function newSessionHash(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
