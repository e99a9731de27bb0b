/** Run by the editor once the extension is uninstalled, without an extension host: removes what was set up. */

import * as path from "node:path";

import { clear, storages } from "./removal";

const extension = path.dirname(__dirname);
const { publisher, name } = require(path.join(extension, "package.json")) as {
  publisher: string;
  name: string;
};

void Promise.all(storages(extension, `${publisher}.${name}`.toLowerCase()).map(clear));
