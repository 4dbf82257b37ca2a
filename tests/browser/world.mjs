// A demo of its own for the browsers, and desks of its members.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;
const built = ["target/release/amparo", "target/debug/amparo"].map((path) => join(root, path));
export const program = process.env.AMPARO ?? built.find((path) => existsSync(path)) ?? "amparo";
export const pictures = process.env.AMPARO_PICTURES ?? join(root, "target/screenshots");

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export async function world() {
  const folder = mkdtempSync(join(tmpdir(), "amparo-browser-"));
  const data = join(folder, "demo");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const children = [spawn(program, ["demo", "--listen", `127.0.0.1:${port}`, "--data", data], { stdio: "ignore" })];
  for (let tries = 0; ; tries++) {
    const up = await fetch(`${url}/authority`).then((answer) => answer.ok, () => false);
    if (up) break;
    if (tries > 600) throw new Error("the demo did not start");
    await pause(100);
  }
  const fingerprint = readFileSync(join(data, "fingerprint"), "utf8").trim();

  /** Starts a member's desk and gives the address of its screen. */
  function desk(member) {
    const key = join(data, "keys", member);
    const child = spawn(
      program,
      ["desk", "--server", url, "--authority", fingerprint, "--key", `${key}.key`, "--passphrase-file", `${key}.passphrase`, "--state", join(folder, `state-${member}`)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    children.push(child);
    return new Promise((resolve, reject) => {
      let said = "";
      child.stdout.on("data", (piece) => {
        said += piece;
        const found = /http:\/\/127\.0\.0\.1:\d+\/#[0-9a-f]{64}/.exec(said);
        if (found) resolve(found[0]);
      });
      child.on("exit", () => reject(new Error(`the desk of ${member} stopped`)));
    });
  }

  async function stop() {
    for (const child of children) {
      child.removeAllListeners("exit");
      child.kill("SIGTERM");
    }
    await pause(300);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  return { url, fingerprint, desk, stop };
}
