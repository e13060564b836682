import type { Browser, Page } from "playwright";

/** A page in a browser, and the warnings and errors in its console. */
export class Visit implements AsyncDisposable {
  readonly complaints: string[] = [];
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
    page.on("pageerror", (error) => this.complaints.push(`uncaught: ${error.message}`));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(`${message.type()}: ${message.text()}`);
    });
  }

  /** Opens a URL in a new page. */
  static async open(browser: Browser, url: string): Promise<Visit> {
    const visit = new Visit(await browser.newPage());
    await visit.#page.goto(url);
    return visit;
  }

  /** Returns the text of an element. */
  async text(id: string): Promise<string | null> {
    return await this.#page.locator(`#${id}`).textContent();
  }

  /** Whether the page has an element. */
  async has(id: string): Promise<boolean> {
    return (await this.#page.locator(`#${id}`).count()) > 0;
  }

  /** Waits until an element has exactly this text. */
  async shows(id: string, text: string): Promise<void> {
    try {
      const element = this.#page.locator(`#${id}`).filter({ hasText: new RegExp(`^${text}$`) });
      await element.waitFor({ state: "attached", timeout: 20_000 });
    } catch {
      const body = await this.#page.locator("body").textContent();
      throw new Error(
        `The page never showed "${text}" in #${id}, but "${body}". Console: ${this.complaints.join("\n")}`,
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#page.close();
  }
}
