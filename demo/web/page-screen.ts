import type { FileData, ProgressBar } from "@gradio-rx/client";
import { describeError } from "../describe-error.ts";
import { count, share } from "../progress.ts";
import type { Live, Row, Screen } from "../screen.ts";
import { element } from "./element.ts";

const SIGNS = { info: "ℹ", warning: "⚠", success: "✓", error: "✗" } as const;
const ROW_SIGNS = { waiting: "·", running: "●", cancelled: "✗", finished: "✓" } as const;

/** Shows a scene in an element of the page, which it clears first. */
export function pageScreen(output: HTMLElement): Screen {
  let open: HTMLElement | undefined;
  output.replaceChildren();
  return {
    print: (text, tone = "plain") => output.append(element(`p.${tone}`, text)),
    log: ({ level, title, log }) => {
      const heading = title === null || title.toLowerCase() === level ? "" : `${title}: `;
      const line = element("p.log", sign(SIGNS[level], level), `${heading}${log}`);
      if (open === undefined) output.append(line);
      else open.before(line);
    },
    error: (error) => output.append(errorElement(error)),
    check: (ok, text) => output.append(element(`p.check.${ok ? "good" : "bad"}`, sign(ok ? "✓" : "✗", ""), text)),
    picture: (image, caption) => output.append(figure(image, caption)),
    live: () => {
      const part = element("div.live");
      open = part;
      output.append(part);
      return liveIn(part, () => (open = undefined));
    },
  };
}

/** Returns a part that shows a text, bars or rows. An element that is there is updated, so that it keeps its place. */
function liveIn(part: HTMLElement, onEnd: () => void): Live {
  return {
    text: (text, tone = "plain") => {
      const shown = part.querySelector("p.text");
      if (shown === null) part.replaceChildren(element(`p.text.${tone}`, text));
      else shown.textContent = text;
    },
    bars: (bars) => showBars(part, bars),
    rows: (rows, search) => {
      const box = search === undefined ? [] : [element("p.search", element("span", "search"), element("b", search))];
      part.replaceChildren(...box, table(rows));
    },
    end: onEnd,
  };
}

function showBars(part: HTMLElement, bars: readonly ProgressBar[]): void {
  const shown = [...part.querySelectorAll<HTMLLabelElement>("label.bar")];
  if (shown.length !== bars.length) {
    shown.splice(
      0,
      Infinity,
      ...bars.map(() => element("label.bar", element("span"), progressElement(), element("small"))),
    );
    part.replaceChildren(...shown);
  }
  for (const [at, bar] of bars.entries()) {
    const [name, meter, amount] = shown[at]!.children as unknown as [HTMLElement, HTMLProgressElement, HTMLElement];
    const done = share(bar);
    name.textContent = bar.desc ?? "progress";
    amount.textContent = count(bar);
    if (done === null) meter.removeAttribute("value");
    else meter.value = done;
  }
}

function progressElement(): HTMLProgressElement {
  const created = element("progress");
  created.max = 1;
  return created;
}

function table(rows: readonly Row[]): HTMLElement {
  const lines = rows.map(({ label, state, text }) => {
    const head = element("th", label);
    head.scope = "row";
    return element(`tr.${state}`, head, element("td", sign(ROW_SIGNS[state], ""), text));
  });
  return element("table", element("tbody", ...lines));
}

function errorElement(error: unknown): HTMLElement {
  const { name, code, message, advice } = describeError(error);
  const created = element("div.error");
  if (name !== undefined) created.append(element("p", element("b", name), " ", element("code", `code "${code}"`)));
  created.append(element("p", message));
  if (advice !== undefined) created.append(element("p.quiet", advice));
  return created;
}

/** Shows a picture in a frame whose size does not depend on it. */
function figure(image: File | FileData, caption: string): HTMLElement {
  const picture = element("img");
  const url = image instanceof File ? URL.createObjectURL(image) : image.url;
  if (image instanceof File) picture.onload = () => URL.revokeObjectURL(picture.src);
  if (url !== null) picture.src = url;
  picture.alt = caption;
  return element("figure", picture, element("figcaption", caption));
}

/** A sign before a text. Screen readers read its name instead, if it has one. */
function sign(character: string, name: string): HTMLElement {
  const created = element("span.sign", character);
  if (name === "") created.ariaHidden = "true";
  else {
    created.role = "img";
    created.ariaLabel = name;
  }
  return created;
}
