const SIGN = "__sign";

/** An address with the token that opens it where no header can be sent (PROTOCOL.md, 1.8). */
export function signed(address: string, token: string): string {
  const url = new URL(address);
  url.searchParams.set(SIGN, token);
  return url.href;
}

/** The address itself, without such a token: where headers can be sent it is of no use, and it is a secret. */
export function unsigned(address: string): string {
  if (!address.includes(`${SIGN}=`) || !URL.canParse(address)) return address;
  const url = new URL(address);
  url.searchParams.delete(SIGN);
  return url.href;
}
