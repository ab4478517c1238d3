// Prints what caniemail knows against each page, as JSON: {feature: {"none" | "partial" | "unknown": [client, …]}}.
import { readFileSync } from "node:fs";

import { caniemail } from "caniemail";

const found = {};
for (const file of process.argv.slice(2)) {
  const { issues } = caniemail({ clients: ["*"], html: readFileSync(file, "utf8") });
  for (const [client, list] of [...issues.errors, ...issues.warnings]) {
    for (const { title, support } of list) {
      ((found[title] ??= {})[support] ??= new Set()).add(client);
    }
  }
}
process.stdout.write(JSON.stringify(found, (_, value) => (value instanceof Set ? [...value].sort() : value)));
