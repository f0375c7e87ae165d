// What the pages do better with a script: copy a citation, mark quotations without asking for the page again.
// It keeps nothing, asks nobody and makes no markup out of a string. Every page is whole without it.
"use strict";

/**
 * An element with a text.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} className
 * @param {string} text
 * @returns {HTMLElementTagNameMap[Name]}
 */
function made(name, className, text) {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

/**
 * A button that does nothing yet.
 * @param {string} className
 * @param {string} text
 */
function madeButton(className, text) {
  const button = made("button", className, text);
  button.type = "button";
  return button;
}

// There before it speaks: an element that comes with its text is not read out.
const announced = made("p", "unseen", "");
announced.setAttribute("role", "status");
document.body.append(announced);

/**
 * Puts a text where it can be pasted from, or selects it where that is not allowed.
 * @param {Element} from
 */
async function copy(from) {
  try {
    await navigator.clipboard.writeText(from.textContent ?? "");
    return "Copied";
  } catch {
    // No secure connection, or not permitted: the reader's own keys are.
    getSelection()?.selectAllChildren(from);
    return "Selected: copy it with Ctrl+C or ⌘C";
  }
}

/** @param {Element} text */
function addCopyButton(text) {
  const button = madeButton("copy-button", "");
  const shown = made("span", "", "Copy");
  button.append(shown, made("span", "unseen", ` as ${text.getAttribute("aria-label")}`));
  button.addEventListener("click", async () => {
    shown.textContent = announced.textContent = await copy(text);
    setTimeout(() => {
      shown.textContent = "Copy";
      announced.textContent = "";
    }, 4000);
  });
  text.previousElementSibling?.append(button);
}

/**
 * Tells in an article's text who says what, or tells it no longer; as the page does for ?quotes=1.
 * @param {HTMLElement} article
 * @param {boolean} marked
 */
function mark(article, marked) {
  article.classList.toggle("marked", marked);
  for (const label of article.querySelectorAll(".by")) label.remove();
  if (!marked) return;
  for (const words of article.querySelectorAll(".said")) {
    const by = words.getAttribute("data-by");
    const ends = words.getAttribute("data-ends");
    if (by) words.prepend(made("span", "by", `${by}: `));
    if (ends) words.append(made("span", "by unseen", ` (${ends})`));
  }
}

document.querySelectorAll(".cite pre").forEach(addCopyButton);

// What was cited of a version so long ago that this page has no notice for it: the version itself, if it is kept, has it.
const of = /^#v(\d+)-(\d+)-(\d+)$/.exec(location.hash);
const kept = of && document.querySelector(`.versions a[href$="?version=${of[1]}"]`);
if (kept && !location.search && !document.getElementById(location.hash.slice(1))) {
  location.replace(`${location.pathname}?version=${of[1]}&start=${of[2]}&end=${of[3]}${location.hash}`);
}

const link = document.getElementById("marks");
const article = document.getElementById("text");
if (link && article) {
  const button = madeButton("toggle", "Mark who says what");
  button.setAttribute("aria-pressed", String(article.classList.contains("marked")));
  button.addEventListener("click", () => {
    const marked = !article.classList.contains("marked");
    button.setAttribute("aria-pressed", String(marked));
    mark(article, marked);
  });
  link.replaceWith(button);
}
