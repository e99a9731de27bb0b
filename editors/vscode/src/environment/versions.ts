/** Versions of ours, and the wheel that the extension carries. */

import * as fs from "node:fs";
import * as path from "node:path";

/** Whether version `one` comes before `other`. Of `1.2rc1`, `1.2.dev3` and the like: before `1.2`. */
export function isOlder(one: string, other: string): boolean {
  const [left, right] = [parts(one), parts(other)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) {
      return difference < 0;
    }
  }
  return false;
}

function parts(version: string): number[] {
  const [, release = "", rest = ""] =
    /^(\d+(?:\.\d+)*)(.*)$/.exec(version.split("+")[0] ?? "") ?? [];
  const numbers = release.split(".").map(Number);
  while (numbers.length < 4) {
    numbers.push(0);
  }
  return [...numbers, ...preview(rest)];
}

function preview(rest: string): number[] {
  const [, kind, number] = /^[._-]?(dev|a|b|rc|post)\.?(\d*)/.exec(rest) ?? [];
  const order = ["dev", "a", "b", "rc"];
  return [
    kind === undefined ? 0 : kind === "post" ? 1 : order.indexOf(kind) - order.length,
    Number(number ?? 0),
  ];
}

export interface Wheel {
  readonly file: string;
  readonly version: string;
}

/** The wheel in a folder. Throws where there is none. */
export function wheelIn(folder: string): Wheel {
  const name = fs.readdirSync(folder).find((one) => /^polylsp-.+\.whl$/.test(one));
  const version = name?.split("-")[1];
  if (name === undefined || version === undefined) {
    throw new Error(`${folder} holds no wheel of polylsp: install the extension again`);
  }
  return { file: path.join(folder, name), version };
}

/** The version in what `polylsp --version` says; undefined where it says anything else. */
export function told(output: string): string | undefined {
  return /^polylsp (\d\S*)$/m.exec(output.trim())?.[1];
}
