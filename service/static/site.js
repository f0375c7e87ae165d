// What the pages can do better with a script: copy a citation, mark quotations without asking for the page again.
// It keeps nothing, asks nobody and makes no markup out of a string. Every page is whole without it.
"use strict";

/** Makes an element with a text. @param {string} name @param {string} className @param {string} text */
function made(name, className, text) {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

const said = made("p", "unseen", "");
said.setAttribute("role", "status");
document.body.append(said);

/** Puts a text where it can be pasted from, or selects it where that is not allowed. @param {Element} from */
async function copy(from) {
  try {
    await navigator.clipboard.writeText(from.textContent ?? "");
    return "Copied";
  } catch {
    // No secure connection, or not permitted: the reader's own keys are.
    getSelection()?.selectAllChildren(from);
    return "Selected: copy it with your keyboard";
  }
}

/** A button that copies. @param {Element} from @param {string} label */
function copyButton(from, label) {
  const button = made("button", "copy-button", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.addEventListener("click", async () => {
    const done = await copy(from);
    button.textContent = said.textContent = done;
    setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 3000);
  });
  return button;
}

for (const text of document.querySelectorAll(".cite pre")) {
  text.previousElementSibling?.append(copyButton(text, `Copy as ${text.getAttribute("aria-label")}`));
}

const toggle = document.getElementById("marks");
const text = document.getElementById("text");
if (toggle && text) {
  let marked = text.classList.contains("marked");
  const button = made("button", "toggle", "Mark who says what");
  button.type = "button";
  const show = () => {
    button.setAttribute("aria-pressed", String(marked));
    text.classList.toggle("marked", marked);
    for (const label of text.querySelectorAll(".by")) label.remove();
    if (!marked) return;
    for (const words of text.querySelectorAll(".said[data-by]")) words.prepend(made("span", "by", `${words.dataset.by}: `));
    for (const words of text.querySelectorAll(".said[data-ends]")) words.append(made("span", "by unseen", " (so far quoted)"));
  };
  button.addEventListener("click", () => { marked = !marked; show(); });
  show();
  toggle.replaceWith(button);
}
