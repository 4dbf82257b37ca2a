/** Leaving at once: a cover, an empty page, another page in its place. Without scripts the link of the page does what a link can. */
const PRESSES = 3;
const WITHIN_MS = 1500;
let exitPage = document.getElementById("exit")?.getAttribute("href") ?? "https://www.wikipedia.org/";

/** The directory's page for a country, or for all; only https. */
export function setExitPage(pages: Record<string, string> | undefined, country = ""): void {
  const address = pages?.[country] ?? pages?.["default"];
  if (address && /^https:\/\//.test(address)) exitPage = address;
  document.getElementById("exit")?.setAttribute("href", exitPage);
}

function cover(): HTMLElement {
  const node = document.createElement("div");
  node.className = "cover";
  return node;
}

let left = false;

/** Once: asking again would break off the way to the other page on a slow line. */
export function leave(): void {
  if (left) return;
  left = true;
  document.body.replaceChildren(cover());
  location.replace(exitPage);
}

export function armExit(): void {
  document.getElementById("exit")?.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  let presses: number[] = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const now = performance.now();
    presses = [...presses.filter((at) => now - at < WITHIN_MS), now];
    if (presses.length >= PRESSES) leave();
  });
  // A browser that keeps the page for its "back" button keeps a blank one, and begins anew when it is shown again.
  window.addEventListener("pagehide", () => document.body.replaceChildren(cover()));
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  // The picture that a phone shows of its open pages is blank.
  const shade = cover();
  document.addEventListener("visibilitychange", () => (document.hidden ? document.body.append(shade) : shade.remove()));
}
