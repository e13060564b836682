/** Waiting that can be ended for all who wait, in the order in which they came. */
export class Pause {
  #end: (() => void) | null = null;

  /** Waits, in milliseconds, or until the end. A call waits: so this keeps the program alive. */
  wait(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.end(), delay);
      const others = this.#end;
      this.#end = () => {
        clearTimeout(timer);
        others?.();
        resolve();
      };
    });
  }

  /** Nobody waits any longer. */
  end(): void {
    const end = this.#end;
    this.#end = null;
    end?.();
  }
}
