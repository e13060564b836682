// Table of sizes in a page, between two comments.

const start = "<!-- sizes: npm run size writes this table -->";
const end = "<!-- end of sizes -->";

/** Maximum difference between a printed size and the measured one: sizes change by some bytes with every change of the code. */
const tolerance = (kilobytes) => Math.max(0.3, kilobytes * 0.03);

/** Returns a page with a new table. Throws Error if it has no place for one. */
export function replaceTable(page, rows) {
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The page has no lines "${start}" and "${end}".`);
  const lines = rows.map(([name, first, all]) => `| ${named(name)} | ${first} kB | ${all} kB |`);
  const table = ["| import | at first | in all |", "| --- | ---: | ---: |", ...lines].join("\n");
  return `${page.slice(0, from)}${start}\n\n${table}\n\n${page.slice(to)}`;
}

/** Returns the name of an entry as code. */
function named(name) {
  const [specifier, ...rest] = name.split(", ");
  return [`\`${specifier}\``, ...rest].join(", ");
}

/** Returns the rows of the table in a page: the name, and the two sizes in kilobytes. */
export function tableIn(page) {
  const text = page.slice(page.indexOf(start), page.indexOf(end));
  return Array.from(
    text.matchAll(/^\| `(.*?)`(.*?)\| +([\d.]+) kB \| +([\d.]+) kB \|$/gm),
    ([, specifier, rest, first, all]) => [`${specifier}${rest.trimEnd()}`, first, all],
  );
}

/**
 * Compares a printed table with measured sizes.
 *
 * @returns a sentence for each row that is missing, or whose sizes differ by more than 3 % and 0.3 kB.
 */
export function differences(printed, measured) {
  const sizes = new Map(printed.map(([name, ...rest]) => [name, rest]));
  const names = new Set(measured.map(([name]) => name));
  return [
    ...printed.filter(([name]) => !names.has(name)).map(([name]) => `${name} is printed, and is not an entry.`),
    ...measured.flatMap(([name, ...now]) => {
      const then = sizes.get(name);
      if (!then) return [`${name} is missing: ${now.join(" kB, ")} kB.`];
      const differs = now.some((size, column) => Math.abs(size - then[column]) > tolerance(Number(size)));
      return differs ? [`${name} has ${now.join(" kB, ")} kB, and the page says ${then.join(" kB, ")} kB.`] : [];
    }),
  ];
}
