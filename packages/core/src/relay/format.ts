/** Version of the relay's messages, which the first of them tells. */
export const RELAY_VERSION = 1;
