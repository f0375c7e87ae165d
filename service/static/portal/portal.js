// The controls of the demonstration. Under the page's policy there is no markup from strings and no inline style.
"use strict";

const widget = document.querySelector("archive-ask");
const controls = document.querySelector(".controls");
const log = document.getElementById("log");
const tag = document.getElementById("tag");
const pasted = tag.textContent;
const events = "ask-open ask-close ask-submit ask-results ask-error ask-result-click ask-copy ask-feedback".split(" ");

/** Bring the page in line with the controls; a browser may have restored them. */
const apply = () => {
  const chosen = new FormData(controls);
  for (const name of ["mode", "theme"]) widget.setAttribute(name, chosen.get(name));
  document.documentElement.dataset.theme = chosen.get("theme");
  document.documentElement.dir = chosen.has("rtl") ? "rtl" : "ltr";
  document.getElementById("hostile-css").media = chosen.has("hostile") ? "all" : "not all";
  const written = ["mode", "theme"].filter((name) => chosen.get(name) !== "auto").map((name) => `${name}="${chosen.get(name)}"`);
  tag.textContent = pasted.replace('mode="inline"', written.join(" "));
};

const note = ({ type, detail }) => {
  const line = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = type;
  line.append(name, detail ? ` ${JSON.stringify(detail)}` : "");
  log.append(line);
  log.scrollTop = log.scrollHeight;
};

controls.addEventListener("change", apply);
for (const type of events) document.addEventListener(type, note);
document.querySelector(".example").addEventListener("click", (event) => {
  if (typeof widget.ask !== "function") return; // without the widget it is a link to the service
  event.preventDefault();
  widget.ask(event.target.textContent);
});
document.getElementById("copy").addEventListener("click", async ({ target }) => {
  try {
    await navigator.clipboard.writeText(tag.textContent);
    target.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(tag);
    target.textContent = "Selected: press Ctrl+C";
  }
});
apply();
