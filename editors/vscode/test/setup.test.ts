/** Environments that are really set up: by the machine's Python and pip, without a network. */

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { type TestContext, test } from "node:test";

import { Cancelled, SetupError } from "../src/environment/errors";
import { sweep } from "../src/environment/lock";
import { MODULE, Places } from "../src/environment/places";
import { run } from "../src/environment/run";
import { type Progress, type Wishes, setUp } from "../src/environment/setup";
import { type About, files, folder, python, wheel } from "./wheels";

async function wishes(test: TestContext, about: About): Promise<Wishes & { places: Places }> {
  const root = folder(test);
  const wheels = path.join(root, "some wheels");
  fs.mkdirSync(wheels, { recursive: true });
  wheel(wheels, { name: "tiny", version: "3.0", says: "" });
  const maker = { python: await python() };
  const places = new Places(path.join(root, "storage"));
  return { places, maker, wheel: wheel(root, about), wheels, proxy: "" };
}

const never = new AbortController().signal;
const nothing = (): void => undefined;
const DEADLINE = { timeout: 120_000 };

async function refused(work: Promise<unknown>): Promise<SetupError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert(error instanceof SetupError, String(error));
  return error;
}

test("a server is set up from a wheel and a folder of wheels", DEADLINE, async (t) => {
  const { places, ...wanted } = await wishes(t, { version: "1.0", needs: ["tiny"] });
  const told: Progress[] = [];
  const made = await setUp(places, wanted, never, (progress) => told.push(progress));
  const answer = await run(made.python, [...MODULE, "--version"], { cwd: places.root });
  assert.equal(answer.stdout, "polylsp 1.0");
  assert.deepEqual(places.current(), made);
  const fractions = told.map((one) => one.fraction);
  assert.deepEqual(fractions, [...fractions].sort());
  assert(
    told.some((one) => one.message === "getting packages: tiny"),
    JSON.stringify(told),
  );
  const left = fs.readdirSync(places.root).sort();
  assert.deepEqual(
    left.filter((one) => one !== "cache"),
    ["current.json", "environments"],
  );
  assert.deepEqual(fs.readdirSync(places.environments), [path.basename(made.folder)]);
});

test("an old environment counts until the new one has answered", DEADLINE, async (t) => {
  const { places, ...wanted } = await wishes(t, { version: "1.0" });
  const old = await setUp(places, wanted, never, nothing);
  const dumb = {
    ...wanted,
    wheel: wheel(path.dirname(places.root), { version: "1.1", says: "what?" }),
  };
  const error = await refused(setUp(places, dumb, never, nothing));
  assert.match(error.message, /says "what\?", and 1\.1 was installed/);
  assert.deepEqual(places.current(), old);
  assert.deepEqual(fs.readdirSync(places.environments), [path.basename(old.folder)]);
  const better = { ...wanted, wheel: wheel(path.dirname(places.root), { version: "1.2" }) };
  const made = await setUp(places, better, never, nothing);
  assert.equal(places.current()?.version, "1.2");
  assert(fs.existsSync(old.python), "a server of another window may run from it");
  await sweep(places);
  assert.deepEqual(fs.readdirSync(places.environments), [path.basename(made.folder)]);
});

test("what pip complains of is told, and nothing of the attempt is left", DEADLINE, async (t) => {
  const { places, ...wanted } = await wishes(t, { version: "1.0", needs: ["not_there"] });
  const error = await refused(setUp(places, wanted, never, nothing));
  assert.match(error.lines.join("\n"), /No matching distribution found for not_there/);
  assert.deepEqual(files(places.root), ["environments"]);
});

/** Pip goes through a proxy that never answers; `heard` is called with what it asks for. */
async function throughProxy(
  t: TestContext,
  answer: string,
): Promise<[Wishes & { places: Places }, Promise<string>, () => number]> {
  const wanted = await wishes(t, { version: "1.0", needs: ["not_there"] });
  let connected = 0;
  let hear: (text: string) => void;
  const heard = new Promise<string>((resolve) => {
    hear = resolve;
  });
  const server = net.createServer((socket) => {
    connected++;
    socket.on("close", () => connected--).on("error", nothing);
    socket.on("data", (data) => {
      hear(data.toString("latin1"));
      if (answer !== "") {
        socket.end(answer);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const proxy = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  const variables = {
    PIP_CONFIG_FILE: os.devNull,
    PIP_INDEX_URL: "https://index.invalid/simple",
    PIP_RETRIES: "0",
    NO_PROXY: "",
    no_proxy: "",
  };
  return [{ ...wanted, wheels: "", proxy, variables }, heard, () => connected];
}

test("packages are fetched through the editor's proxy", DEADLINE, async (t) => {
  const [{ places, ...wanted }, heard] = await throughProxy(
    t,
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
  );
  const error = await refused(setUp(places, wanted, never, nothing));
  assert.match(await heard, /^CONNECT index\.invalid:443 HTTP/);
  assert.match(error.lines.join("\n"), /not_there/);
});

test("cancelling ends pip, and nothing of the attempt is left", DEADLINE, async (t) => {
  const [{ places, ...wanted }, heard, connected] = await throughProxy(t, "");
  const abort = new AbortController();
  const work = setUp(places, wanted, abort.signal, nothing);
  await Promise.race([heard, work]);
  assert.equal(connected(), 1);
  abort.abort();
  await assert.rejects(work, Cancelled);
  assert.deepEqual(files(places.environments), []);
  assert(!fs.existsSync(places.lock));
  while (connected() > 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await assert.rejects(setUp(places, wanted, abort.signal, nothing), Cancelled);
});

test(
  "two windows do not set up at once, and one that was killed is no hindrance",
  DEADLINE,
  async (t) => {
    const { places, ...wanted } = await wishes(t, { version: "1.0" });
    fs.mkdirSync(path.join(places.environments, "1.0-killed.tmp"), { recursive: true });
    fs.writeFileSync(places.lock, String(process.pid));
    const error = await refused(setUp(places, wanted, never, nothing));
    assert.match(error.message, /another window/);
    await sweep(places);
    assert.deepEqual(fs.readdirSync(places.environments), ["1.0-killed.tmp"]);
    const gone = await run(process.execPath, ["-e", "console.log(process.pid)"], {
      cwd: places.root,
    });
    fs.writeFileSync(places.lock, gone.stdout);
    const made = await setUp(places, wanted, never, nothing);
    await sweep(places);
    assert.deepEqual(fs.readdirSync(places.environments), [path.basename(made.folder)]);
  },
);

test(
  "what users have set for Python and pip in general does not get in the way",
  DEADLINE,
  async (t) => {
    const { places, ...wanted } = await wishes(t, { version: "1.0", needs: ["tiny"] });
    const root = path.dirname(places.root);
    const configuration = path.join(root, "pip.conf");
    fs.writeFileSync(configuration, "[install]\nuser = true\n");
    fs.mkdirSync(path.join(root, "elsewhere"));
    for (const name of ["venv.py", "json.py", "pip.py", "polylsp.py"]) {
      fs.writeFileSync(
        path.join(root, "elsewhere", name),
        "raise SystemExit('taken from elsewhere')\n",
      );
    }
    const set = {
      PYTHONPATH: path.join(root, "elsewhere"),
      PIP_TARGET: path.join(root, "target"),
      PIP_REQUIRE_VIRTUALENV: "1",
    };
    const before = { ...process.env };
    t.after(() => {
      process.env = before;
    });
    process.env = { ...before, ...set };
    const made = await setUp(
      places,
      { ...wanted, variables: { PIP_CONFIG_FILE: configuration } },
      never,
      nothing,
    );
    const answer = await run(made.python, [...MODULE, "--version"], {
      cwd: path.join(root, "elsewhere"),
    });
    assert.equal(answer.stdout, "polylsp 1.0");
    assert(!fs.existsSync(path.join(root, "target")));
  },
);
