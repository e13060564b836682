/**
 * Claims a name by a Web Lock, for all pages and workers of this origin, until the signal is aborted or the page ends.
 *
 * @returns `false` where another one holds it; `true` also where there are no locks, as in a page without TLS.
 */
export function claimName(name: string, released: AbortSignal): Promise<boolean> {
  // Absent in pages without TLS, whatever the types say.
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const hold = (lock: Lock | null): Promise<void> | undefined => {
      resolve(lock !== null);
      if (!lock || released.aborted) return undefined;
      return new Promise((end) => released.addEventListener("abort", () => end(), { once: true }));
    };
    // A document without an origin has no locks.
    locks.request(name, { ifAvailable: true }, hold).catch(() => resolve(true));
  });
}
