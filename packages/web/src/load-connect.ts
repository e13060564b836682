/** Loads what a page needs to connect. To be called by `loadPart`. */
export const loadConnect = (): Promise<typeof import("./connect.ts")> => import("./connect.ts");
