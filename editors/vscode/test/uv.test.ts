/** uv makes environments where Python alone cannot. */

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { MODULE, Places } from "../src/environment/places";
import { run } from "../src/environment/run";
import { setUp } from "../src/environment/setup";
import { fetching, findUv, translated, uvVariables } from "../src/environment/uv";
import { files, folder, python, wheel } from "./wheels";

const search = { path: process.env["PATH"] ?? "", workspace: [] };

test("what pip is told of indexes holds for uv", () => {
  const said = [
    "global.index-url='https://mirror.example/simple'",
    "install.extra-index-url='https://a.example\\nhttps://b.example'",
  ];
  assert.deepEqual(
    translated([...said, ":env:.timeout='180'", "global.cert='/etc/ca.crt'", "nonsense"]),
    {
      UV_DEFAULT_INDEX: "https://mirror.example/simple",
      UV_INDEX: "https://a.example https://b.example",
      SSL_CERT_FILE: "/etc/ca.crt",
    },
  );
});

test("a pip fetches uv into our own folder, if there is one", (t) => {
  const places = new Places(folder(t));
  const old = { path: "/usr/bin/python3", version: "3.9", lack: "too old" as const, pip: true };
  assert.equal(fetching([{ ...old, pip: false }], places, ""), undefined);
  const args = fetching([old], places, "/wheels")?.args ?? [];
  assert.deepEqual(args.slice(-6), [
    "--target",
    places.uv,
    "--no-index",
    "--find-links",
    "/wheels",
    "uv",
  ]);
});

test("a server is set up by uv, and all that it writes is in our folder", async (t) => {
  const root = folder(t);
  const places = new Places(path.join(root, "storage"));
  const uv = findUv(places, search);
  if (uv === undefined) {
    t.skip("uv is not on the PATH");
    return;
  }
  const wheels = path.join(root, "some wheels");
  fs.mkdirSync(wheels);
  wheel(wheels, { name: "tiny", version: "3.0", says: "" });
  const made = await setUp(
    places,
    {
      maker: { uv, python: await python() },
      wheel: wheel(root, { version: "1.0", needs: ["tiny"] }),
      wheels,
      proxy: "http://127.0.0.1:9",
      variables: {
        ...(await uvVariables([], places)),
        HOME: path.join(root, "home"),
        UV_OFFLINE: "1",
      },
    },
    new AbortController().signal,
    () => undefined,
  );
  const answer = await run(made.python, [...MODULE, "--version"], { cwd: root });
  assert.equal(answer.stdout, "polylsp 1.0");
  assert.deepEqual(files(path.join(root, "home")), []);
});
