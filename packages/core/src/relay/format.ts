/** Version of the relay's messages. The first message contains it. */
export const RELAY_VERSION = 1;
