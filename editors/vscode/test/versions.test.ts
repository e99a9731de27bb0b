import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { isOlder, told, wheelIn } from "../src/environment/versions";
import { folder } from "./wheels";

test("versions are compared by number, and previews come before what they preview", () => {
  const order = [
    "0.0.9",
    "0.1.dev1",
    "0.1a1",
    "0.1a2",
    "0.1b1",
    "0.1rc1",
    "0.1",
    "0.1.post1",
    "0.2",
    "0.10",
    "1.0.0.1",
  ];
  order.forEach((one, at) => {
    order.forEach((other, then) =>
      assert.equal(isOlder(one, other), at < then, `${one} < ${other}`),
    );
  });
  assert(!isOlder("0.1", "0.1.0") && !isOlder("0.1.0", "0.1"));
  assert(!isOlder("1.0+local", "1.0"));
});

test("the wheel tells its version, and one that is missing is missed", (t) => {
  const place = folder(t);
  assert.throws(() => wheelIn(place), /holds no wheel/);
  fs.writeFileSync(path.join(place, "polylsp-0.3.1-py3-none-any.whl"), "");
  assert.equal(wheelIn(place).version, "0.3.1");
});

test("only a version is taken for one", () => {
  assert.equal(told("polylsp 0.1.0\n"), "0.1.0");
  assert.equal(told("warning: x\npolylsp 0.1.0\r\n"), "0.1.0");
  assert.equal(told("polylsp: error"), undefined);
  assert.equal(told("Python was not found"), undefined);
});
