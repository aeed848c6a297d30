import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { InteractiveTerminal } from "../../src/terminal/interactive.ts";
import { promptsAt } from "../../src/terminal/prompts.ts";

const ENTER = "\r";
const CTRL_C = "\u0003";
const CTRL_U = "\u0015";
const DOWN = "\u001b[B";

/** A terminal of which the test holds the keyboard and sees the screen. */
function openTerminal() {
  const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => keyboard });
  const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  let seen = "";
  const waiting: { readonly text: string; readonly resolve: () => void }[] = [];
  screen.on("data", (bytes: Buffer) => {
    seen += bytes.toString();
    for (const { text, resolve } of waiting) if (seen.includes(text)) resolve();
  });
  const shows = (text: string) =>
    seen.includes(text) ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ text, resolve }));
  const terminal = InteractiveTerminal.open({
    stdin: keyboard,
    stderr: screen,
    environment: {},
    isInputWanted: true,
    output: "text",
  });
  if (terminal === null) throw new Error("the gate is shut");
  return {
    asker: promptsAt(terminal),
    type: (keys: string) => keyboard.write(keys),
    shows,
    seen: () => seen,
  };
}

const CHOICES = [
  { value: "a", label: "first" },
  { value: "b", label: "second" },
] as const;

describe("promptsAt", () => {
  it("takes the offered text at Enter, and another one that is typed", async () => {
    const { asker, type, shows } = openTerminal();
    const offered = asker.text("Topic", "cluster-info", () => null);
    await shows("cluster-info");
    type(ENTER);
    expect(await offered).toBe("cluster-info");
    const other = asker.text("Group", "mine", () => null);
    await shows("Group");
    type(`${CTRL_U}yours${ENTER}`);
    expect(await other).toBe("yours");
  });

  it("takes what was offered when the line is empty", async () => {
    const { asker, type, shows } = openTerminal();
    const answer = asker.text("Topic", "cluster-info", (text) => (text === "" ? "empty" : null));
    await shows("Topic");
    type(`${CTRL_U}${ENTER}`);
    expect(await answer).toBe("cluster-info");
  });

  it("stays with a text that does not fit and says why", async () => {
    const { asker, type, shows } = openTerminal();
    const answer = asker.text("Port", "0", (text) => (text === "0" ? "wanted is a port" : null));
    await shows("Port");
    type(ENTER);
    await shows("wanted is a port");
    type(`${CTRL_U}1${ENTER}`);
    expect(await answer).toBe("1");
  });

  it("lets a choice be made", async () => {
    const { asker, type, shows } = openTerminal();
    const answer = asker.choose("Which", CHOICES, "a");
    await shows("second");
    type(DOWN);
    type(ENTER);
    expect(await answer).toBe("b");
  });

  it("takes a confirmation's offered answer at Enter", async () => {
    const { asker, type, shows } = openTerminal();
    const answer = asker.confirm("Sure?", false);
    await shows("Sure?");
    type(ENTER);
    expect(await answer).toBe(false);
  });

  it("does not show a secret", async () => {
    const { asker, type, shows, seen } = openTerminal();
    const answer = asker.secret("Password");
    await shows("Password");
    type(`canary${ENTER}`);
    expect(await answer).toBe("canary");
    expect(seen()).not.toContain("canary");
  });

  it("ends with the code interrupted at Ctrl-C, whatever the question", async () => {
    const questions = [
      ({ asker }: ReturnType<typeof openTerminal>) => asker.text("Here?", "", () => null),
      ({ asker }: ReturnType<typeof openTerminal>) => asker.choose("Here?", CHOICES, "a"),
      ({ asker }: ReturnType<typeof openTerminal>) => asker.confirm("Here?", true),
      ({ asker }: ReturnType<typeof openTerminal>) => asker.secret("Here?"),
    ];
    for (const ask of questions) {
      const terminal = openTerminal();
      const answer = ask(terminal);
      const left = expect(answer).rejects.toMatchObject({ code: "interrupted" });
      await terminal.shows("Here?");
      terminal.type(CTRL_C);
      await left;
    }
  });
});
