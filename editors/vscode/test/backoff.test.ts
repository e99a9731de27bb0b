import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../src/server/backoff";

test("each crash waits longer, and too many of them end it", () => {
  const backoff = new Backoff(() => 0);
  const waits = [1, 2, 3, 4, 5, 6].map(() => backoff.crashed());
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, undefined]);
});

test("crashes of long ago do not count", () => {
  let now = 0;
  const backoff = new Backoff(() => now);
  for (let day = 0; day < 20; day++) {
    assert.equal(backoff.crashed(), 500);
    now += 86_400_000;
  }
});

test("a restart by hand begins anew", () => {
  const backoff = new Backoff(() => 0);
  backoff.crashed();
  backoff.crashed();
  backoff.forget();
  assert.equal(backoff.crashed(), 500);
});
