/** A few helpers over the DOM. Text is only ever text. */

type Child = Node | string | null | undefined | false;
type Props = { [name: string]: string | number | boolean | undefined | ((event: Event) => void) };

export function el<T extends keyof HTMLElementTagNameMap>(tag: T, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[T] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== undefined && value !== false) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child): child is Node | string => Boolean(child)));
  return node;
}

const app = (): HTMLElement => document.getElementById("app") as HTMLElement;

/** Shows a step: its heading gets the focus, so that a screen reader begins there. */
export function show(title: string, ...children: Child[]): void {
  showUnder(el("h1", {}, title), ...children);
}

/** A step whose questions speak for themselves, under a small heading. */
export function showQuestions(title: string, ...children: Child[]): void {
  showUnder(el("h1", { class: "kicker" }, title), ...children);
}

let isFirst = true;

function showUnder(heading: HTMLElement, ...children: Child[]): void {
  heading.id = "title";
  heading.tabIndex = -1;
  app().replaceChildren(heading, ...children.filter((child): child is Node | string => Boolean(child)));
  window.scrollTo(0, 0);
  // What comes by itself takes no focus: the first thing that the keyboard reaches is the exit.
  if (!isFirst) heading.focus();
  isFirst = false;
}

export function button(text: string, act: () => unknown, kind = "", test = ""): HTMLButtonElement {
  const node = el("button", { type: "button", class: kind || undefined, "data-test": test || undefined }, text);
  node.addEventListener("click", () => void act());
  return node;
}

export function note(text: string, kind = ""): HTMLElement {
  return el("div", { class: `note ${kind}`.trim() }, el("p", {}, text));
}

/** A line that says what is wrong, read out at once. */
export function problem(text: string): HTMLElement {
  return el("p", { class: "bad", role: "alert", "data-test": "problem" }, text);
}
