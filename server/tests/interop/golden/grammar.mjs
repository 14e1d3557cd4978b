// Trino's own grammar, by way of dt-sql-parser: is a text SQL that Athena can read?
//
//     node grammar.mjs NODE_MODULES FILE
//
// FILE is a JSON list of SQL texts; of each, null or why it is refused is printed as a JSON list.
import { existsSync, readFileSync } from "node:fs";
import { register } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, file] = process.argv.slice(2);

// The package says `import "./x"` where Node wants `./x.js`: it expects a bundler.
const resolver = `
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
export async function resolve(specifier, context, next) {
  if (!context.parentURL?.includes("/dt-sql-parser/dist/")) {
    const found = await next(specifier, context);
    return found.url.includes("/dt-sql-parser/dist/") ? { ...found, format: "module" } : found;
  }
  if (!specifier.startsWith(".")) return next(specifier, context);
  const base = new URL(specifier, context.parentURL).href;
  const url = [base + ".js", base + "/index.js"].find((at) => existsSync(fileURLToPath(at)));
  return { url, format: "module", shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(resolver)}`);
const entry = `${modules}/dt-sql-parser/dist/parser/trino/index.js`;
if (!existsSync(entry)) throw new Error(`${entry} is missing`);
const { TrinoSQL } = await import(pathToFileURL(entry));

// The grammar's own complaints also go to stderr, whatever is done with them here.
console.error = () => {};
const parser = new TrinoSQL();
const refusal = (sql) => parser.validate(sql)[0]?.message ?? null;
console.log(JSON.stringify(JSON.parse(readFileSync(file, "utf8")).map(refusal)));
