// What nothing in service/static may do: make markup or code out of text, write style past the style sheets, keep
// anything about a visitor. A content security policy forbids most of it too, but only where there is one.
const banned = {
  markup: "Text becomes markup so. Use createElement and textContent.",
  code: "Text becomes code so.",
  style: "A strict content security policy blocks inline style. Use a style sheet.",
  storage: "Nothing is kept about a visitor.",
};
const member = (names) =>
  `MemberExpression[property.name=/^(${names})$/], MemberExpression[property.value=/^(${names})$/]`;
const call = (name, first) => `CallExpression[callee.property.name="${name}"][arguments.0.value=${first}]`;

export default [
  {
    files: ["service/static/**/*.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "script" },
    linterOptions: { noInlineConfig: true },
    rules: {
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-script-url": "error",
      "no-restricted-globals": [
        "error",
        ...["DOMParser", "Function"].map((name) => ({ name, message: banned.code })),
        ...["localStorage", "sessionStorage", "indexedDB", "caches"].map((name) => ({ name, message: banned.storage })),
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: member(
            "eval|innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|parseHTMLUnsafe|createContextualFragment|srcdoc|DOMParser",
          ),
          message: banned.markup,
        },
        { selector: "MemberExpression[object.name='document'][property.name=/^write(ln)?$/]", message: banned.markup },
        { selector: member("style|cssText"), message: banned.style },
        { selector: call("setAttribute", "/^style$/i"), message: banned.style },
        { selector: call("setAttribute", "/^(on|srcdoc)/i"), message: banned.code },
        {
          selector: "AssignmentExpression > MemberExpression[property.name=/^on[a-z]/]",
          message: "Use addEventListener.",
        },
        { selector: member("localStorage|sessionStorage|indexedDB|cookie|cookieStore"), message: banned.storage },
      ],
    },
  },
];
