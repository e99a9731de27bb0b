import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../src/server/queue";

/** A task that ends when it is told to, and notes what it did. */
function held(log: string[], name: string): { task: () => Promise<void>; end: () => void } {
  let end = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    end = resolve;
  });
  const task = async (): Promise<void> => {
    log.push(`${name} begins`);
    await gate;
    log.push(`${name} ends`);
  };
  return { task, end };
}

test("one thing runs at a time, in order", async () => {
  const log: string[] = [];
  const queue = new Queue();
  const [first, second] = [held(log, "first"), held(log, "second")];
  const done = [queue.add("restart", first.task), queue.add("stop", second.task)];
  second.end();
  await new Promise(setImmediate);
  assert.deepEqual(log, ["first begins"]);
  first.end();
  await Promise.all(done);
  assert.deepEqual(log, ["first begins", "first ends", "second begins", "second ends"]);
});

test("a restart that waits is not queued twice, one that runs is followed by one more", async () => {
  const log: string[] = [];
  const queue = new Queue();
  const running = held(log, "running");
  const first = queue.add("restart", running.task);
  await new Promise(setImmediate);
  const again = async (): Promise<void> => void log.push("again");
  const waiting = queue.add("restart", again);
  assert.equal(queue.add("restart", again), waiting);
  running.end();
  await Promise.all([first, waiting]);
  assert.deepEqual(log, ["running begins", "running ends", "again"]);
});

test("a restart asked for behind a stop comes behind it", async () => {
  const log: string[] = [];
  const queue = new Queue();
  const note = (word: string) => async (): Promise<void> => void log.push(word);
  await Promise.all([
    queue.add("restart", note("restart")),
    queue.add("stop", note("stop")),
    queue.add("restart", note("restart")),
  ]);
  assert.deepEqual(log, ["restart", "stop", "restart"]);
});

test("what fails is told to who asked, and stops nothing", async () => {
  const queue = new Queue();
  const failing = queue.add("restart", () => Promise.reject(new Error("no")));
  const next = queue.add("stop", () => Promise.resolve());
  await assert.rejects(failing, /no/);
  await next;
});
