/** Leaving at once: a cover, an empty form, another page in its place. */
const PRESSES = 3;
const WITHIN_MS = 1500;
let exitPage = "https://www.wikipedia.org/";

export function setExitPage(address: string | undefined): void {
  if (address && /^https:\/\//.test(address)) exitPage = address;
  document.getElementById("exit")?.setAttribute("href", exitPage);
}

function leave(): void {
  const cover = document.createElement("div");
  cover.className = "cover";
  document.body.append(cover);
  document.getElementById("app")?.replaceChildren();
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
  // Coming back with the browser's button shows nothing of what was written.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}
