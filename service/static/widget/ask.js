"use strict";
/*! <archive-ask>, of onrecord: ask an archive of articles who said what. Apache-2.0 */
(() => {
    if (customElements.get("archive-ask"))
        return;
    const script = document.currentScript;
    const SERVICE = script instanceof HTMLScriptElement && script.src ? new URL("../..", script.src).href : "missing:";
    const ENGLISH = {
        lang: "en-GB",
        label: "Ask the archive",
        placeholder: "",
        submit: "Ask",
        stop: "Stop",
        close: "Close",
        loading: "Searching…",
        plainLink: "Open in the archive",
        found: { one: "{n} passage", other: "{n} passages" },
        newest: "{found}, newest {date}",
        noAnswer: "No answer found",
        nearest: "Closest passages, none of which answers:",
        partial: "Part of the archive did not answer.",
        reasons: {
            empty_archive: "This archive is empty.",
            no_article_matches: "No article in this archive matches what is searched here.",
            outside_dates: "This archive holds nothing published between these dates.",
            topic_not_found: "Nothing in this archive answers that: none of its words stands in any article.",
            low_confidence: "Nothing in this archive answers that.",
            speaker_not_found: "Nothing in this archive answers that: nobody of that name is quoted in it.",
            speaker_not_quoted_on_topic: "Nothing in this archive answers that: whoever is asked for is never quoted on it.",
        },
        quoted: { one: "{name} is quoted in {n} article", other: "{name} is quoted in {n} articles" },
        unquoted: "Nothing in this archive answers that: {quoted}, but as far as we can tell never on {topic}.",
        unquotedOthers: "Nothing in this archive answers that: {quoted}, but as far as we can tell never on {topic}, which {others} spoke of.",
        readAs: "Read as",
        by: "by {name}",
        byAnyone: "by anyone",
        about: "about {topic}",
        aboutAnything: "about anything",
        dates: "{from} to {to}",
        datesFrom: "from {from}",
        datesTo: "up to {to}",
        anyDate: "any date",
        change: "{what}, change",
        remove: "Remove: {what}",
        speakerField: "By",
        topicField: "About",
        fromField: "From",
        toField: "To",
        apply: "Apply",
        cancel: "Cancel",
        coverage: { one: "{n} article", other: "{n} articles" },
        saidBy: "{name}, {office}",
        writtenBy: "{name}, as the author",
        namedIn: "About {name}",
        untitled: "Untitled article",
        corrected: "corrected {date}",
        likely: "{percent} likely to answer",
        alsoIn: "Also in {list}",
        copy: "Copy citation",
        copied: "Citation copied",
        copyYourself: "Nothing was copied. The citation is selected: copy it with Ctrl+C or ⌘C.",
        quote: "“{quote}”",
        helpful: "Helpful",
        unhelpful: "Not helpful",
        thanks: "Thank you, noted.",
        unsent: "That could not be sent.",
        errors: {
            offline: "The archive cannot be reached. You may be offline, or this page may not be allowed to ask it.",
            timeout: "The archive took too long to answer.",
            "rate-limited": "Too many questions in a short time. Please wait a moment.",
            "forbidden-origin": "This page is not allowed to ask the archive.",
            "bad-question": "The archive cannot read this question. Please put it differently.",
            "server-error": "The archive has a problem and did not answer.",
            misconfigured: "This search is not set up correctly.",
        },
        retry: "Try again",
        retryIn: { one: "Try again in {n} second", other: "Try again in {n} seconds" },
    };
    const languages = new Map([["en", ENGLISH]]);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
:host { display: block }
:host([mode=dialog]) { display: inline-block }
:host([mode=launcher]) { display: contents }
:host([hidden]), [hidden] { display: none !important }
[part=root] {
  all: initial;
  color-scheme: inherit;
  font-family: var(--ask-font, inherit);
  font-size: var(--ask-font-size, medium);
  line-height: 1.5;
  text-align: left;
  --bg: var(--ask-bg, light-dark(#fff, #1b1a18));
  --surface: var(--ask-surface, light-dark(#f4f2ed, #292724));
  --text: var(--ask-text, light-dark(#1d1c1a, #eae6dd));
  --muted: var(--ask-muted, light-dark(#5b5750, #b0a99c));
  --border: var(--ask-border, light-dark(#8a8478, #8b8579));
  --line: color-mix(in srgb, var(--border) 40%, transparent);
  --accent: var(--ask-accent, light-dark(#14508c, #8fc1f5));
  --radius: var(--ask-radius, .5em);
  --space: var(--ask-space, 1em);
}
:host(:dir(rtl)) [part=root] { text-align: right }
:host([theme=light]) [part=root] { color-scheme: light }
:host([theme=dark]) [part=root] { color-scheme: dark }
* { box-sizing: border-box; margin: 0; padding: 0; font: inherit; list-style: none }
[part=panel] {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: var(--space);
  padding: var(--space);
  color: var(--text);
  overflow-wrap: anywhere;
}
[mode=inline] > [part=panel], dialog {
  background: var(--bg);
  border: 1px solid var(--line);
  border-radius: var(--radius);
  overflow: auto;
}
[mode=inline] > [part=panel] { max-inline-size: var(--ask-width, none); max-block-size: var(--ask-max-height, none) }
dialog {
  inline-size: min(var(--ask-width, 44em), 100% - 1em);
  max-inline-size: none;
  max-block-size: var(--ask-max-height, 86dvh);
  margin: 7dvh auto auto;
}
dialog::backdrop { background: #0009 }
[part=launcher] {
  inset: auto;
  inset-block-end: var(--space);
  inset-inline-end: var(--space);
  padding: .5em;
  border: 0;
  background: none;
}

button, input, textarea {
  color: inherit;
  background: var(--bg);
  border: 1px solid var(--border);
  border-radius: var(--radius);
}
button { min-block-size: max(24px, 1.9em); padding: .15em .7em; cursor: pointer }
button:hover { background: var(--surface) }
[aria-disabled=true] { color: var(--muted) }
[aria-pressed=true], [aria-pressed=true]:hover { color: var(--bg); background: var(--text) }
[part=submit], [part=trigger] {
  padding: .5em 1.1em;
  font-weight: 600;
  color: var(--ask-on-accent, light-dark(#fff, #10243a));
  border-color: transparent;
}
[part=submit]:enabled, [part=trigger]:enabled { background: var(--accent) }
[part=close] {
  position: sticky;
  inset-block-start: .5em;
  display: block;
  margin: .5em;
  margin-inline-start: auto;
  margin-block-end: -2.4em;
  border-color: transparent;
  font-size: 1.2em;
}
input, textarea { min-inline-size: 0; padding: .5em .7em }
a { color: var(--accent); text-underline-offset: .15em }
a, p, label, button, h1, h2, h3, h4, h5, h6 { unicode-bidi: plaintext }
:focus-visible { outline: 3px solid var(--ask-focus, var(--accent)); outline-offset: 2px }

[part=form] { display: grid; grid-template-columns: minmax(0, 1fr); gap: .4em }
[part=label] { font-weight: 600; padding-inline-end: 2em }
[part=field] { display: flex; gap: .5em }
[part=input] { flex: 1 }
::placeholder { color: var(--muted); opacity: 1 }
[role=status] { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%) }
[part=error] {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: .5em 1em;
  padding: .75em;
  background: var(--surface);
  border-inline-start: 4px solid var(--accent);
}
[part=error]:has([role=alert]:empty) { position: absolute; padding: 0; border: 0 }
[role=alert] { flex: 1 1 14em }

section, article { display: flex; flex-wrap: wrap; align-items: baseline; gap: .5em 1em }
section > *, article > *, [part=copied] { flex: 0 0 100% }
[part=heading], article > [part~=speaker] { flex: 1 0 auto; max-inline-size: 100% }
[part=heading], [part~=speaker] bdi:first-of-type { font-weight: 600 }
[part=stop], [part=coverage], [part=confidence] { flex: none }
[part=coverage], [part=confidence], [part=source], [part=copies], [part=more], [part=nearest] {
  font-size: .875em;
  color: var(--muted);
}
[aria-busy=true] > * { animation: appear 1ms .2s backwards }
[aria-busy=true] > [part=coverage] { display: none }
[aria-busy=true] > [role=list] { filter: grayscale(1); animation: none }
@keyframes appear { from { opacity: 0 } }

[part=interpretation], [part=actions], li form {
  display: flex;
  flex-wrap: wrap;
  align-items: start;
  gap: .4em;
  font-size: .875em;
}
[part=actions] button { border-color: var(--line) }
[part=chip] { display: flex; background: var(--surface); border: 1px solid var(--line); border-radius: 1.1em }
[part=chip] > * { padding: .15em .75em; border: 0; border-radius: 1.1em; background: none }
[part=chip-edit] { text-decoration: underline dotted; text-underline-offset: .25em }
[part=chip] > button:hover { background: var(--line) }
li form { align-items: end; gap: .75em; font-size: 1em; padding: .75em }
li label { display: grid; gap: .25em; color: var(--muted) }
[part=chip-field] { padding: .2em .5em; color: var(--text) }

[part=results] { margin-block-start: .75em }
[part=result] + [part=result] {
  margin-block-start: calc(var(--space) * 1.25);
  padding-block-start: calc(var(--space) * 1.25);
  border-block-start: 1px solid var(--line);
}
[part~=speaker] { font-size: 1.1em }
[part~=speaker] a { color: inherit; text-decoration: none }
[part~=speaker] a, [part=plain-link] { display: inline-block; padding-block: .15em }
[part~=speaker] a:hover { text-decoration: underline }
[part~=about] { font-style: italic; color: var(--muted) }
blockquote {
  text-align: start;
  white-space: pre-line;
  padding-inline-start: .9em;
  border-inline-start: 3px solid var(--line);
}
mark {
  color: var(--ask-mark-text, light-dark(#1d1c1a, #fff6dc));
  background: var(--ask-mark-bg, light-dark(#ffe9a3, #5b4a10));
}
textarea { inline-size: 100%; field-sizing: content }
@media (forced-colors: active) {
  mark { color: MarkText; background: Mark }
  [aria-pressed=true], [aria-pressed=true]:hover {
    forced-color-adjust: none;
    color: HighlightText;
    background: Highlight;
  }
}
`);
    const h = (tag, given, ...inside) => {
        const made = document.createElement(tag);
        for (const [name, value] of Object.entries(given)) {
            if (typeof value === "function")
                made.addEventListener(name, value);
            else if (value != null && value !== false)
                made.setAttribute(name, String(value));
        }
        for (const piece of inside)
            if (piece)
                made.append(piece);
        return made;
    };
    const button = (part, click, text = "", given) => h("button", { type: "button", part, click, ...given }, text);
    const isWeb = ({ protocol }) => protocol === "https:" || protocol === "http:";
    const languageOf = (tag) => tag.split("-")[0].toLowerCase();
    const isEditable = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
    const isHotkey = (event, hotkey) => {
        const held = hotkey.toLowerCase().split("+");
        const { key, ctrlKey, metaKey, altKey } = event;
        return (held.pop() === key?.toLowerCase() &&
            held.includes("ctrl") === (ctrlKey || metaKey) &&
            held.includes("alt") === altKey);
    };
    const failureOf = (status) => {
        if (status === 429)
            return "rate-limited";
        if (status === 401 || status === 403)
            return "forbidden-origin";
        if (status === 404 || status === 405)
            return "misconfigured";
        return status < 500 ? "bad-question" : "server-error";
    };
    const waitOf = ({ headers }) => {
        const given = headers.get("Retry-After") ?? "";
        const wait = /^\d+$/.test(given) ? Number(given) * 1000 : Date.parse(given) - Date.now();
        return isNaN(wait) ? 60_000 : Math.min(wait, 3_600_000);
    };
    class ArchiveAsk extends HTMLElement {
        static observedAttributes = "endpoint feedback filters heading-level label link-target locale mode placeholder".split(" ");
        static #connected = new Set();
        static addStrings(strings) {
            languages.set(languageOf(strings.lang), strings);
            for (const one of ArchiveAsk.#connected)
                one.#arrange();
        }
        #state = "idle";
        #answer = null;
        #asked = null;
        #configured = false;
        #endpoint = "";
        #filters = {};
        #own = {};
        #strings = ENGLISH;
        #locale = ENGLISH.lang;
        #request = new AbortController();
        #until = 0;
        #timer = 0;
        #pressedOutside = false;
        #label = h("label", { part: "label", id: "label", for: "input" });
        #input = h("input", {
            part: "input",
            id: "input",
            type: "search",
            maxlength: 500,
            required: true,
            dir: "auto",
            autocomplete: "off",
            enterkeyhint: "search",
        });
        #submit = h("button", { part: "submit" });
        #form = h("form", {
            part: "form",
            role: "search",
            "aria-labelledby": "label",
            submit: (event) => {
                event.preventDefault();
                this.ask(this.#input.value);
            },
        }, this.#label, h("div", { part: "field" }, this.#input, this.#submit), h("slot", { name: "disclaimer" }));
        #status = h("p", { part: "status", role: "status" });
        #alert = h("p", { role: "alert" });
        #retry = button("retry", () => this.#asked && this.#until <= performance.now() && this.#ask(this.#asked));
        #heading = h("h2", {});
        #stop = button("stop", () => this.abort());
        #section = h("section", { part: "answer", "aria-labelledby": "heading" }, this.#heading, this.#stop);
        #plain = h("a", { part: "plain-link" });
        #more = h("p", { part: "more" }, this.#plain);
        #panel = h("div", { part: "panel", keydown: (event) => this.#key(event) }, this.#form, this.#status, h("div", { part: "error" }, this.#alert, this.#retry), this.#section, this.#more, h("slot", { name: "footer" }));
        #close = button("close", () => this.close(), "×");
        #dialog = h("dialog", {
            part: "dialog",
            "aria-labelledby": "label",
            close: () => {
                if (!this.#dialog.open)
                    this.abort();
                this.#emit("ask-close");
            },
            cancel: (event) => {
                if (this.#state !== "loading")
                    return;
                event.preventDefault();
                this.abort();
            },
            pointerdown: (event) => (this.#pressedOutside = this.#isOutside(event)),
            click: (event) => this.#pressedOutside && this.#isOutside(event) && this.close(),
        }, this.#close);
        #trigger = h("slot", {
            name: "trigger",
            click: (event) => {
                event.target.closest("button, a, [tabindex]")?.focus();
                this.open();
            },
        });
        #corner = h("div", { part: "launcher", popover: "manual" });
        #fallback = h("slot", {});
        #root = h("div", { part: "root" });
        #shadow = this.attachShadow({ mode: "open" });
        constructor() {
            super();
            this.#shadow.adoptedStyleSheets = [sheet];
            this.#shadow.append(this.#root);
            if (Object.hasOwn(this, "strings")) {
                this.#own = Object.getOwnPropertyDescriptor(this, "strings")?.value;
                Reflect.deleteProperty(this, "strings");
            }
        }
        connectedCallback() {
            ArchiveAsk.#connected.add(this);
            document.addEventListener("keydown", this.#hotkey);
            this.#arrange();
        }
        disconnectedCallback() {
            ArchiveAsk.#connected.delete(this);
            document.removeEventListener("keydown", this.#hotkey);
            this.abort();
            this.close();
        }
        attributeChangedCallback() {
            if (ArchiveAsk.#connected.has(this))
                this.#arrange();
        }
        get state() {
            return this.#state;
        }
        get results() {
            return this.#answer;
        }
        get strings() {
            return this.#strings;
        }
        set strings(changed) {
            this.#own = changed;
            if (ArchiveAsk.#connected.has(this))
                this.#arrange();
        }
        async ask(question) {
            this.#input.value = question.trim();
            if (this.#dialog.isConnected && !this.#dialog.open)
                this.open();
            if (this.#input.reportValidity())
                await this.#ask({ question: this.#input.value });
        }
        open() {
            if (this.#dialog.isConnected && !this.#dialog.open) {
                this.#dialog.showModal();
                this.#emit("ask-open");
            }
            this.#input.focus();
        }
        close() {
            this.#dialog.close();
        }
        abort() {
            this.#request.abort();
            if (this.#state === "loading")
                this.#show(this.#settled());
        }
        reset() {
            this.abort();
            this.#answer = this.#asked = null;
            this.#draw([]);
            this.#input.value = this.#status.textContent = "";
            this.#show(this.#settled());
        }
        #configure() {
            this.#endpoint = "";
            this.#configured = false;
            try {
                const endpoint = new URL(this.getAttribute("endpoint") || SERVICE, document.baseURI);
                if (!isWeb(endpoint))
                    throw new TypeError(`the endpoint is ${endpoint}, not an http(s) address`);
                this.#endpoint = endpoint.href.replace(/\/*$/, "/");
                this.#filters = JSON.parse(this.getAttribute("filters") || "{}");
                if (Object(this.#filters) !== this.#filters || Array.isArray(this.#filters))
                    throw new TypeError("the filters are not an object of JSON");
                this.#configured = true;
            }
            catch (error) {
                console.error("<archive-ask>", error);
            }
        }
        #post(path, body, signal) {
            const key = this.getAttribute("site-key");
            return fetch(this.#endpoint + path, {
                method: "POST",
                headers: { "Content-Type": "application/json", ...(key && { Authorization: `Bearer ${key}` }) },
                body: JSON.stringify(body),
                cache: "no-store",
                credentials: "omit",
                redirect: "error",
                referrerPolicy: "no-referrer",
                signal,
            });
        }
        async #ask(asked) {
            const { question } = asked;
            const told = this.hasAttribute("question-in-events") && { question };
            if (!this.#configured || !this.#emit("ask-submit", { ...told }, true))
                return;
            this.#request.abort();
            const request = (this.#request = new AbortController());
            const timer = setTimeout(() => request.abort("timeout"), this.#number("timeout", 15, 600) * 1000);
            const began = performance.now();
            this.#asked = asked;
            this.#until = 0;
            this.#status.textContent = "";
            this.#show("loading");
            let { answer, failure } = await this.#answerTo(asked, request.signal);
            clearTimeout(timer);
            if (request.signal.aborted) {
                if (request.signal.reason !== "timeout")
                    return;
                failure = "timeout";
            }
            if (!failure && !this.#present(answer))
                failure = "server-error";
            if (failure) {
                this.#show(failure);
                this.#emit("ask-error", { code: failure });
            }
            else {
                const { query_id: queryId, answered, passages } = answer;
                const ms = Math.round(performance.now() - began);
                this.#emit("ask-results", { queryId, count: passages.length, ms, answered, ...told });
            }
        }
        async #answerTo({ question, reading }, signal) {
            const { speakers, topic, from, to } = reading ?? {};
            const dates = !this.#isDated && { published_from: from || undefined, published_to: to || undefined };
            const body = {
                question,
                k: this.#number("max-results", 5, 100),
                filters: { ...dates, ...this.#filters },
                read_as: reading && { speakers, topic },
            };
            try {
                const response = await this.#post("v1/ask", body, signal);
                if (response.ok)
                    return { answer: await response.json() };
                if (response.status === 429)
                    this.#until = performance.now() + waitOf(response);
                return { failure: failureOf(response.status) };
            }
            catch (error) {
                return { failure: error instanceof SyntaxError ? "server-error" : "offline" };
            }
        }
        get #isDated() {
            return Boolean(this.#filters.published_from || this.#filters.published_to);
        }
        #page() {
            const page = new URL("ask", this.#endpoint);
            const { question, reading } = this.#asked ?? {};
            const { speakers = [], topic, from, to } = reading ?? {};
            const given = { q: question, about: topic, published_from: from, published_to: to };
            for (const [name, value] of Object.entries(given))
                if (value)
                    page.searchParams.set(name, value);
            for (const name of speakers)
                page.searchParams.append("by", name);
            return page.href;
        }
        #web(link) {
            const relative = link.replace(/^\//, "./");
            const url = URL.canParse(relative, this.#endpoint) && new URL(relative, this.#endpoint);
            return url && isWeb(url) ? url.href : null;
        }
        #emit(name, detail = null, cancelable = false) {
            return this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, cancelable, detail }));
        }
        #hotkey = (event) => {
            const hotkey = this.getAttribute("hotkey");
            if (!hotkey || event.defaultPrevented || event.repeat || event.isComposing)
                return;
            if (isEditable(event.composedPath()[0]) || !isHotkey(event, hotkey))
                return;
            event.preventDefault();
            this.open();
        };
        #key(event) {
            const { key = "", isComposing, ctrlKey, metaKey } = event;
            const loading = this.#state === "loading";
            if (key === "Escape" && !isComposing && (loading || this.#dialog.open)) {
                event.preventDefault();
                event.stopPropagation();
                if (loading)
                    this.abort();
                else
                    this.close();
            }
            if (key.length === 1 && !ctrlKey && !metaKey && isEditable(event.composedPath()[0]))
                event.stopPropagation();
        }
        #isOutside(event) {
            const path = event.composedPath();
            return !path.includes(this.#panel) && !path.includes(this.#close);
        }
        #arrange() {
            const wanted = this.getAttribute("locale") ?? this.closest("[lang]")?.getAttribute("lang") ?? "";
            const s = (this.#strings = { ...(languages.get(languageOf(wanted)) ?? ENGLISH), ...this.#own });
            const isRegional = /^[a-z]{2,3}(-[a-z]{4})?(-[a-z]{2}|-\d{3})$/i.test(wanted);
            this.#locale = isRegional && languageOf(wanted) === languageOf(s.lang) ? wanted : s.lang;
            this.#configure();
            const label = this.getAttribute("label") ?? s.label;
            this.#root.lang = this.#locale;
            this.#label.textContent = label;
            this.#trigger.replaceChildren(h("button", { type: "button", part: "trigger", "aria-haspopup": "dialog" }, label));
            this.#input.placeholder = this.getAttribute("placeholder") ?? s.placeholder;
            this.#submit.textContent = s.submit;
            this.#stop.textContent = s.stop;
            this.#close.ariaLabel = s.close;
            this.#plain.textContent = s.plainLink;
            const heading = h(this.#level(0), { part: "heading", id: "heading", tabindex: -1 });
            this.#heading.replaceWith(heading);
            this.#heading = heading;
            this.#place();
            if (!this.#configured)
                this.abort();
            else
                this.#draw(this.#answer ? this.#contents(this.#answer) : []);
            const stays = this.#configured && this.#state !== "misconfigured";
            this.#show(stays ? this.#state : this.#settled());
        }
        #level(deeper) {
            return (`h${this.#number("heading-level", 2, 5) + deeper}`);
        }
        #number(name, missing, most) {
            return Math.min(Math.max(Number(this.getAttribute(name)) || missing, 1), most);
        }
        #place() {
            const given = this.getAttribute("mode");
            const mode = given === "dialog" || given === "launcher" ? given : "inline";
            if (this.#root.getAttribute("mode") !== mode) {
                this.close();
                this.#root.setAttribute("mode", mode);
                this.#root.replaceChildren(this.#fallback, mode === "dialog" ? this.#trigger : this.#corner, this.#dialog);
                if (mode === "launcher")
                    this.#corner.append(this.#trigger);
                if (mode === "inline")
                    this.#root.replaceChildren(this.#fallback, this.#panel);
                else
                    this.#dialog.append(this.#panel);
            }
            if (mode === "launcher")
                this.#corner.showPopover();
        }
        #settled() {
            if (!this.#configured)
                return "misconfigured";
            if (!this.#answer)
                return "idle";
            if (!this.#answer.passages.length)
                return "empty";
            return this.#answer.answered ? "results" : "no-answer";
        }
        #show(state, focused = this.#shadow.activeElement) {
            const s = this.#strings;
            const answer = this.#answer;
            const loading = state === "loading";
            const broken = state === "misconfigured";
            const message = s.errors[(state)] ?? "";
            this.#state = state;
            this.#fallback.hidden = !broken;
            this.#form.hidden = broken;
            this.#alert.textContent = message;
            this.#retry.hidden = !message || !this.#asked;
            this.#section.hidden = !loading && !answer;
            this.#section.ariaBusy = String(loading);
            this.#heading.replaceChildren(...(loading ? [s.loading] : answer?.answered ? this.#found(answer) : [s.noAnswer]));
            this.#stop.hidden = !loading;
            this.#more.hidden = !this.#endpoint;
            if (this.#endpoint)
                this.#plain.href = this.#page();
            this.#tick();
            if (focused && !focused.checkVisibility())
                (this.#section.hidden ? this.#input : this.#heading).focus();
        }
        #tick() {
            const left = Math.ceil((this.#until - performance.now()) / 1000);
            this.#retry.ariaDisabled = String(left > 0);
            this.#retry.replaceChildren(...(left > 0 ? this.#count(this.#strings.retryIn, left) : [this.#strings.retry]));
            clearTimeout(this.#timer);
            if (left > 0 && this.isConnected)
                this.#timer = setTimeout(() => this.#tick(), 1000);
        }
        #found({ passages }) {
            return this.#count(this.#strings.found, passages.length);
        }
        #present(answer) {
            const focused = this.#shadow.activeElement;
            let contents;
            try {
                contents = this.#contents(answer);
            }
            catch (error) {
                console.error("<archive-ask>", error);
                return false;
            }
            this.#draw(contents);
            this.#answer = answer;
            this.#show(this.#settled(), focused);
            const newest = answer.passages
                .map(({ citation }) => citation.published ?? "")
                .sort()
                .at(-1);
            const found = this.#found(answer);
            const dated = newest ? this.#say(this.#strings.newest, { found, date: this.#date(newest) }) : found;
            const part = answer.partial ? [" — ", this.#strings.partial] : [];
            this.#status.replaceChildren(...(answer.answered ? dated : this.#refusal(answer)), ...part);
            return true;
        }
        #draw(contents) {
            while (this.#stop.nextSibling)
                this.#stop.nextSibling.remove();
            this.#section.append(...contents);
        }
        #contents(answer) {
            const s = this.#strings;
            const { answered, archive, partial, passages } = answer;
            const coverage = this.#count(s.coverage, archive.articles);
            if (archive.published_from && archive.published_to)
                coverage.push(", ", ...this.#dates(archive.published_from.slice(0, 7), archive.published_to.slice(0, 7)));
            const reason = h("p", { part: "reason", id: "reason" }, ...this.#refusal(answer));
            const list = { role: "list" };
            return [
                h("p", { part: "coverage" }, ...coverage),
                ...(partial ? [h("p", { part: "partial" }, s.partial)] : []),
                h("ul", { part: "interpretation", "aria-label": s.readAs, ...list }, ...this.#chips(answer)),
                ...(answered ? [] : [reason, h("div", { part: "actions" }, ...this.#thumbs(answer))]),
                ...(answered || !passages.length ? [] : [h("p", { part: "nearest" }, s.nearest)]),
                h("ol", { part: "results", ...list }, ...passages.map((passage, i) => this.#result(answer, passage, i))),
                ...(passages.length ? [] : [h("slot", { name: "empty" })]),
            ];
        }
        #refusal({ reason, asked_for, spoken_of_by, interpretation: { topic } }) {
            const { reasons, quoted, unquoted, unquotedOthers } = this.#strings;
            if (reason !== "speaker_not_quoted_on_topic" || !asked_for.length || !topic)
                return [reasons[reason ?? ""] ?? reasons.low_confidence];
            const others = this.#list(spoken_of_by.slice(0, 3).map((name) => [h("bdi", {}, name)]));
            const people = asked_for.map(({ name, articles }) => this.#count(quoted, articles, { name }));
            return this.#say(others.length ? unquotedOthers : unquoted, { quoted: this.#list(people), topic, others });
        }
        #say(template, values) {
            return template.split(/\{(\w+)\}/).flatMap((piece, i) => {
                const value = i % 2 ? values[piece] : null;
                if (value == null)
                    return [piece];
                if (typeof value === "number")
                    return [value.toLocaleString(this.#locale)];
                return Array.isArray(value) ? value : [h("bdi", {}, value)];
            });
        }
        #count(forms, n, values) {
            return this.#say(forms[new Intl.PluralRules(this.#locale).select(n)] ?? forms.other, { n, ...values });
        }
        #date(iso) {
            const date = new Date(iso);
            if (isNaN(+date))
                return iso;
            const month = iso[4] ? "long" : undefined;
            const day = iso[7] ? "numeric" : undefined;
            return date.toLocaleDateString(this.#locale, { timeZone: "UTC", year: "numeric", month, day });
        }
        #dates(from, to) {
            const { dates, datesFrom, datesTo, anyDate } = this.#strings;
            const values = { from: this.#date(from), to: this.#date(to) };
            if (from === to)
                return [values.from || anyDate];
            return this.#say(!to ? datesFrom : !from ? datesTo : dates, values);
        }
        #list(items) {
            const parts = new Intl.ListFormat(this.#locale).formatToParts(Object.keys(items));
            return parts.flatMap(({ type, value }) => (type === "element" ? items[+value] : [value]));
        }
        #chips({ question, interpretation }) {
            const s = this.#strings;
            const { speakers, topic } = interpretation;
            const from = interpretation.published_from ?? "";
            const to = interpretation.published_to ?? "";
            const several = speakers.length + (topic ? 1 : 0) > 1;
            const again = (changed) => this.#ask({ question, reading: { speakers, topic, from, to, ...changed } });
            const by = (speakers.length ? speakers : [""]).map((name, i) => this.#chip(name ? this.#say(s.by, { name }) : [s.byAnyone], !this.#filters.speaker && { [s.speakerField]: { value: name, required: true } }, ([value]) => again({ speakers: Object.assign([...speakers], { [i]: value }) }), several && name && (() => again({ speakers: speakers.toSpliced(i, 1) }))));
            const about = this.#chip(topic ? this.#say(s.about, { topic }) : [s.aboutAnything], { [s.topicField]: { value: topic, required: true } }, ([value]) => again({ topic: value }), several && topic && (() => again({ topic: "" })));
            const first = from && `${from}-01-01`.slice(0, 10);
            const end = to.length > 7 ? +new Date(to) : Date.UTC(+to.slice(0, 4), +to.slice(5) || 12, 0);
            const last = to && new Date(end).toISOString().slice(0, 10);
            const when = this.#chip(this.#dates(from, to), !this.#isDated && { [s.fromField]: { type: "date", value: first }, [s.toField]: { type: "date", value: last } }, ([start, end]) => again(end && end < start ? { from: end, to: start } : { from: start, to: end }), (from || to) && (() => again({ from: "", to: "" })));
            return [...by, about, when];
        }
        #chip(said, fields, apply, remove) {
            const s = this.#strings;
            if (!fields)
                return h("li", { part: "chip" }, h("span", {}, ...said));
            const inputs = Object.values(fields).map((given) => h("input", { part: "chip-field", dir: "auto", maxlength: 500, ...given }));
            const change = button("chip-edit", () => {
                chip.replaceChildren(form);
                inputs[0].focus();
                inputs[0].select();
            });
            change.append(...said);
            const what = change.textContent ?? "";
            change.ariaLabel = s.change.replace("{what}", () => what);
            const label = s.remove.replace("{what}", () => what);
            const rest = remove ? [change, button("chip-remove", remove, "×", { "aria-label": label })] : [change];
            const chip = h("li", { part: "chip" }, ...rest);
            const cancel = () => {
                form.reset();
                chip.replaceChildren(...rest);
                change.focus();
            };
            const form = h("form", {
                submit: (event) => {
                    event.preventDefault();
                    apply(inputs.map(({ value }) => value.trim()));
                },
                keydown: (event) => {
                    if (event.key !== "Escape" || event.isComposing || this.#state === "loading")
                        return;
                    event.preventDefault();
                    event.stopPropagation();
                    cancel();
                },
            }, ...Object.keys(fields).map((name, i) => h("label", {}, name, inputs[i])), h("button", { part: "chip-apply" }, s.apply), button("chip-cancel", cancel, s.cancel));
            return chip;
        }
        #result(answer, passage, i) {
            const s = this.#strings;
            const { attribution, citation, copies, segments } = passage;
            const [speaker, title] = [`speaker-${i}`, `title-${i}`];
            const who = this.#who(attribution);
            const percent = Math.min(Math.max(passage.confidence, 0.01), 0.99).toLocaleString(this.#locale, {
                style: "percent",
            });
            const note = h("div", { part: "copied" });
            const copy = button("copy", () => this.#copy(passage, copy, note), s.copy, { "aria-describedby": speaker });
            const also = copies.map((one) => this.#source(one, this.#link(passage, one)));
            return h("li", { part: "result" }, h("article", { part: "passage", "aria-labelledby": who ? `${speaker} ${title}` : speaker }, h(this.#level(1), { part: attribution?.relation === "about" ? "speaker about" : "speaker", id: speaker }, this.#link(passage, citation, who, { "aria-describedby": who && title })), h("p", { part: "confidence" }, ...this.#say(s.likely, { percent })), h("blockquote", { part: "quote", dir: "auto", cite: this.#web(citation.link) }, ...segments.map(({ text, highlight }) => (highlight ? h("mark", { part: "mark" }, text) : text))), h("p", { part: "source" }, ...this.#source(citation, who && this.#link(passage, citation, null, { id: title, part: "title" }))), also.length && h("p", { part: "copies" }, ...this.#say(s.alsoIn, { list: this.#list(also) })), h("div", { part: "actions" }, copy, ...this.#thumbs(answer, passage, speaker), note)));
        }
        #who(who) {
            const { saidBy, writtenBy, namedIn } = this.#strings;
            const templates = { said_by: who?.office ? saidBy : "{name}", written_by: writtenBy, about: namedIn };
            return who && this.#say(templates[who.relation], { ...who });
        }
        #source({ publisher, author, published, corrected }, title) {
            const time = (iso, part) => iso && h("time", { part, datetime: iso }, this.#date(iso));
            const date = time(corrected, "date");
            const known = [
                title,
                publisher && h("bdi", {}, publisher),
                author && h("bdi", {}, author),
                time(published, "date"),
                date && h("span", { part: "corrected" }, ...this.#say(this.#strings.corrected, { date: [date] })),
            ];
            return known.flatMap((piece) => (piece ? [" · ", piece] : [])).slice(1);
        }
        #link({ rank }, { article_id: articleId, title, link }, inside, given) {
            const href = this.#web(link);
            const click = (event) => {
                const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
                if (!this.#emit("ask-result-click", { rank, articleId }, plain))
                    event.preventDefault();
            };
            const target = this.getAttribute("link-target");
            const attributes = href && { part: "link", href, target, rel: "noopener", click };
            return h(href ? "a" : "span", { ...attributes, ...given }, ...(inside ?? [h("bdi", {}, title || this.#strings.untitled)]));
        }
        #cited({ citation, segments, text }) {
            const s = this.#strings;
            const marked = segments.filter(({ highlight }) => highlight).map((segment) => segment.text.trim());
            const quote = (marked.join(" … ") || text).replace(/\s+/g, " ").replace(/^["“„«]([^"“”„«»]*)["”“»]$/, "$1");
            const { title, author, publisher, published, link } = citation;
            const source = [title || s.untitled, author, publisher, published && this.#date(published), this.#web(link)];
            return `${s.quote.replace("{quote}", () => quote)} — ${source.filter(Boolean).join(", ")}`;
        }
        async #copy(passage, pressed, note) {
            const { copied, copyYourself } = this.#strings;
            const text = this.#cited(passage);
            try {
                await navigator.clipboard.writeText(text);
                pressed.textContent = this.#status.textContent = copied;
            }
            catch {
                const field = h("textarea", { part: "citation", readonly: true, rows: 3, "aria-label": copyYourself }, text);
                note.replaceChildren(copyYourself, field);
                field.select();
            }
            this.#emit("ask-copy", { rank: passage.rank, articleId: passage.citation.article_id });
        }
        #thumbs({ query_id }, passage, described = "reason") {
            const s = this.#strings;
            if (!this.hasAttribute("feedback"))
                return [];
            const vote_id = Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join("-");
            let verdict = "none";
            const kinds = (["helpful", "unhelpful"]);
            const buttons = kinds.map((kind) => button(kind, () => judge(kind), s[kind], { "aria-describedby": described }));
            const press = (chosen) => {
                verdict = chosen;
                buttons.forEach((one, i) => (one.ariaPressed = String(kinds[i] === chosen)));
            };
            const judge = async (chosen) => {
                const before = verdict;
                press(chosen === before ? "none" : chosen);
                this.#emit("ask-feedback", { rank: passage?.rank ?? null, verdict });
                const vote = { query_id, passage_id: passage?.id ?? null, verdict, vote_id };
                const sent = await this.#post("v1/feedback", vote).then(({ ok }) => ok, () => false);
                this.#status.textContent = sent ? s.thanks : s.unsent;
                if (!sent)
                    press(before);
            };
            press(verdict);
            return buttons;
        }
    }
    customElements.define("archive-ask", ArchiveAsk);
})();
