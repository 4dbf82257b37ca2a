/** The choice of language: the fingerprint of the address goes along, and the page that comes next takes this one's place in the history. */
import { armExit } from "./exit.ts";

armExit();
for (const link of document.querySelectorAll<HTMLAnchorElement>("nav a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    location.replace(link.getAttribute("href") + location.hash);
  });
}
