// A page in TypeScript: whatever ask.d.ts promises compiles, and what it forbids does not. tsc reads it; nothing runs.
import type { ArchiveAskAttributes, Citation, ErrorCode, State, Strings } from "../../service/static/widget/ask";

const widget = document.createElement("archive-ask");
const found = document.querySelector("archive-ask");
const state: State | undefined = found?.state;
const title: string | null | undefined = widget.results?.passages[0]?.citation.title;
const copies: Citation[] = widget.results?.passages.flatMap((passage) => passage.copies) ?? [];

widget.strings = { submit: "Go", found: { one: "one", other: "{n}" } };
const strings: Strings = widget.strings;
void widget.ask("what did Loughton say?").then(() => widget.close());
widget.open();
widget.abort();
widget.reset();

widget.addEventListener("ask-results", ({ detail }) => detail.queryId.padEnd(detail.count + detail.ms));
widget.addEventListener("ask-error", (event) => {
  const code: ErrorCode = event.detail.code;
  console.log(code, state, title, copies);
});
widget.addEventListener("ask-result-click", (event) => event.preventDefault());
widget.addEventListener("ask-feedback", ({ detail }) => detail.verdict satisfies "helpful" | "unhelpful" | "none");
widget.addEventListener("click", (event) => event.clientX);

const attributes: ArchiveAskAttributes = { mode: "dialog", theme: "dark", "max-results": "3", filters: "{}" };
for (const [name, value] of Object.entries(attributes)) widget.setAttribute(name, value);

void customElements.whenDefined("archive-ask").then((element) => {
  element.addStrings({ ...strings, lang: "nl" });
  // @ts-expect-error A language is complete.
  element.addStrings({ lang: "nl" });
});

// @ts-expect-error The state is the element's own.
widget.state = "idle";
// @ts-expect-error A misspelt string would be said in English.
widget.strings = { sumbit: "Go" };
// @ts-expect-error There is no such mode.
attributes.mode = "popup";
