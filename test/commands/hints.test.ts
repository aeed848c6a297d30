import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Command } from "commander";
import ts from "typescript";
import { expect, it } from "vitest";
import { COMMANDS } from "../../src/commands/index.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** What may follow the name in a sentence about the program; anything else has to be a command. */
const PROSE = /^(does|reads|speaks|knows|moves|that|which|made|understands|is|has|itself|e2e|carries)\b/;

/** `next: clusterflow local start`, as people would type it, and where it was found. */
interface Line {
  readonly place: string;
  readonly text: string;
}

/** Every text in a source file; what is filled in is left out, so that what is around it stands side by side. */
function textsOf(file: string): Line[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  const found: Line[] = [];
  const visit = (node: ts.Node): void => {
    const place = `${relative(ROOT, file)}:${source.getLineAndCharacterOfPosition(Math.max(0, node.pos)).line + 1}`;
    if (ts.isStringLiteralLike(node)) found.push({ place, text: node.text });
    if (ts.isTemplateExpression(node)) {
      const text = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("");
      found.push({ place, text });
    }
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

function sourceLines(): Line[] {
  return readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => textsOf(join(ROOT, "src", name)))
    .flatMap(({ place, text }) => text.split("\n").map((line) => ({ place, text: line })));
}

/** Code in the README: between backticks and in blocks. A line that ends inside backticks goes on in the next. */
function readmeLines(): Line[] {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```\w*\n(.*?)^```/gms)].flatMap(([, block]) => block!.split("\n"));
  const inline = [...readme.replaceAll(/^```.*?^```/gms, "").matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
  return [...blocks, ...inline].map((text) => ({ place: "README.md", text: text.replaceAll(/\s+/g, " ") }));
}

/** The words behind each `clusterflow` in a line, up to where the command line ends. */
function callsIn({ text }: Line): string[][] {
  return text
    .split(/(?<![\w./-])clusterflow (?=[a-z<-])/)
    .slice(1)
    .filter((rest) => !PROSE.test(rest))
    .map((rest) =>
      rest
        .split(/[#;,|()`"]|\.$| {2}/, 1)
        .join("")
        .trim()
        .split(/\s+/),
    );
}

/** Null when the command and all its options exist. */
function faultIn(words: readonly string[], commands: readonly Command[]): string | null {
  const [name = "", ...rest] = words;
  if (name === "<command>" || name.startsWith("-")) return null;
  const command = commands.find((candidate) => candidate.name() === name);
  if (command === undefined) return `there is no command ${name}`;
  const [next = ""] = rest;
  if (command.commands.some((child) => child.name() === next)) return faultIn(rest, command.commands);
  const known = new Set(command.options.flatMap(({ long, short }) => [long, short]));
  const unknown = rest
    .map((word) => /^(--?[a-z][a-z-]*)/i.exec(word)?.[1])
    .filter((flag) => flag !== undefined && !known.has(flag) && !/^--(help|debug)$/.test(flag));
  return unknown.length === 0 ? null : `${name} has no ${unknown.join(" ")}`;
}

async function commandTable(): Promise<readonly Command[]> {
  return Promise.all(COMMANDS.map((entry) => entry.load()));
}

it("every command line in a text and in the README can be typed as it stands", async () => {
  const commands = await commandTable();
  const lines = [...sourceLines(), ...readmeLines()];
  const calls = lines.flatMap((line) => callsIn(line).map((words) => ({ ...line, words })));
  const faults = calls.map(({ place, text, words }) => [faultIn(words, commands), place, text]);
  expect(faults.filter(([fault]) => fault !== null)).toEqual([]);
  expect(calls.length).toBeGreaterThan(60); // the search has eyes
});

it("every option that a next step names exists", async () => {
  const commands = await commandTable();
  const all = [...commands, ...commands.flatMap((command) => command.commands)];
  const known = new Set(all.flatMap(({ options }) => options.map(({ long }) => long)));
  const named = sourceLines()
    .filter(({ place }) => !place.startsWith("src/local/")) // its servers have options of their own
    .flatMap(({ place, text }) =>
      [...text.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([flag]) => ({ place, flag })),
    );
  expect(named.filter(({ flag }) => !known.has(flag) && !FOREIGN.has(flag))).toEqual([]);
  expect(named.length).toBeGreaterThan(30);
});

/** Options of the program itself, and of other programs. */
const FOREIGN = new Set([
  "--help",
  "--debug",
  "--version",
  "--alter",
  "--add-config",
  "--files",
  "--deep-iteration",
]);
