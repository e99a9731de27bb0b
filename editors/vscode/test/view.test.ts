import assert from "node:assert/strict";
import { test } from "node:test";
import { type Condition, type Status, view } from "../src/status/view";
import { Works } from "../src/status/works";

const READY: Status = {
  state: "ready",
  message: "",
  version: "1.2.3",
  model: "embedded",
  pausedBy: "",
  paused: { everywhere: false, languages: [], files: [] },
  lastSilence: null,
  lastMilliseconds: 4.06,
  medianMilliseconds: 12.4,
};
const RUNNING: Condition = { kind: "running" };

function text(status: Partial<Status>, percentage?: number): string {
  const work = percentage === undefined ? undefined : { message: "loading embedded", percentage };
  return view(RUNNING, { ...READY, ...status }, work).text;
}

test("each state has its text", () => {
  assert.equal(text({}), "$(sparkle) embedded 4.1 ms");
  assert.equal(text({ lastMilliseconds: 123.4 }), "$(sparkle) embedded 123 ms");
  assert.equal(text({ lastMilliseconds: null }), "$(sparkle) embedded");
  assert.equal(text({ state: "busy" }), "$(loading~spin) embedded 4.1 ms");
  assert.equal(text({ state: "resting" }), "$(sparkle) embedded 4.1 ms");
  assert.equal(text({ state: "loading", model: null }), "$(loading~spin) polylsp: loading");
  assert.equal(text({ state: "loading", model: null }, 41.7), "$(loading~spin) polylsp: loading 42 %");
  assert.equal(text({ state: "paused", pausedBy: "everywhere" }), "$(debug-pause) polylsp: paused");
  assert.equal(text({ state: "paused", pausedBy: "file" }), "$(debug-pause) polylsp: paused (file)");
  assert.equal(text({ state: "no model", model: null }), "$(error) polylsp: error");
});

test("the tooltip tells the details", () => {
  const { lines } = view(RUNNING, { ...READY, lastSilence: "unsure" }, { message: "reading /code", percentage: 40 });
  assert.deepEqual(lines, [
    "polylsp 1.2.3: ready",
    "Model: embedded",
    "Last answer: 4.1 ms (12 ms in the middle)",
    "Nothing was suggested last: unsure",
    "Now: reading /code 40 %",
  ]);
});

test("a missing model and a server that is gone are errors with their reason", () => {
  const missing = view(RUNNING, { ...READY, state: "no model", message: "pull it first", model: null }, undefined);
  assert.equal(missing.colour, "error");
  assert.ok(missing.lines.includes("pull it first"));
  const gone = view({ kind: "failed", why: "exit code 1" }, undefined, undefined);
  assert.deepEqual(gone, { text: "$(error) polylsp: error", lines: ["exit code 1"], colour: "error" });
});

test("a server without a status yet is starting", () => {
  assert.match(view(RUNNING, undefined, undefined).text, /starting/);
  assert.match(view({ kind: "starting" }, undefined, undefined).text, /starting/);
});

test("the work that began last is shown until it ends", () => {
  const works = new Works();
  works.note("a", { kind: "begin", title: "polylsp", message: "loading embedded" });
  works.note("b", { kind: "begin", title: "polylsp", message: "reading", percentage: 0 });
  works.note("b", { kind: "report", percentage: 50 });
  assert.deepEqual(works.current, { message: "reading", percentage: 50 });
  works.note("b", { kind: "end" });
  assert.deepEqual(works.current, { message: "loading embedded", percentage: undefined });
  works.clear();
  assert.equal(works.current, undefined);
});
