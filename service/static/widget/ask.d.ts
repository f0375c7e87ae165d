/**
 * Types of `<archive-ask>` (ask.js), for pages that are checked by TypeScript:
 *
 *     import type { ArchiveAskElement } from "./ask";
 *
 * ask.js is a classic script and exports nothing; the class is `customElements.get("archive-ask")`.
 */

/** The attributes of the tag. All of them are optional. */
export interface ArchiveAskAttributes {
  /** Publishable key (`pk_...`) of this portal. Needs none on the service's own pages. */
  "site-key"?: string;
  /** Address of the service; where the script came from, if missing. */
  endpoint?: string;
  /** In its place in the page (default), behind a button, or behind a button in the corner of the window. */
  mode?: "inline" | "dialog" | "launcher";
  label?: string;
  placeholder?: string;
  /** BCP 47; the nearest `lang`, if missing. English, where no strings of that language were added. */
  locale?: string;
  /** auto (default): as the page around it, by CSS `color-scheme`. */
  theme?: "auto" | "light" | "dark";
  /** Like "/", "alt+a" or "ctrl+k", where Command is as good as Control. None by default. */
  hotkey?: string;
  /** From 1 to 100; 5 by default. */
  "max-results"?: string;
  /** JSON of `Filters`, which no visitor can take off. */
  filters?: string;
  /** Of the heading above the results, from 1 to 5; those of the results are one deeper. 2 by default. */
  "heading-level"?: string;
  /** Whether visitors may say what helped them. */
  feedback?: boolean | "";
  /** `target` of the links to articles. */
  "link-target"?: string;
  /** Seconds until a question is given up; 15 by default. */
  timeout?: string;
  /** Opts in to the question's text in the details of `ask-submit` and `ask-results`. */
  "question-in-events"?: boolean | "";
}

export interface Filters {
  speaker?: string;
  publisher?: string;
  author?: string;
  article?: string;
  /** ISO 8601, possibly only a month or a year; inclusive. */
  published_from?: string;
  published_to?: string;
}

/** What went wrong; also a state, in which the last results stay. */
export type ErrorCode =
  "offline" | "timeout" | "rate-limited" | "forbidden-origin" | "bad-question" | "server-error" | "misconfigured";

export type State = "idle" | "loading" | "results" | "no-answer" | "empty" | ErrorCode;

export type Verdict = "helpful" | "unhelpful" | "none";

/** What a question was taken to ask. */
export interface Interpretation {
  speakers: string[];
  topic: string;
  published_from: string | null;
  published_to: string | null;
}

export interface Citation {
  article_id: string;
  title: string | null;
  publisher: string | null;
  author: string | null;
  published: string | null;
  /** When the article was last corrected, where it says so. */
  corrected?: string | null;
  /** Leads to the passage itself; relative to the service where it is an article's page there. */
  link: string;
}

export interface Passage {
  rank: number;
  id: string;
  text: string;
  /** Calibrated probability that the passage answers. */
  confidence: number;
  segments: { text: string; highlight: boolean }[];
  attribution: { relation: "said_by" | "written_by" | "about"; name: string; office: string | null } | null;
  citation: Citation;
  copies: Citation[];
}

/** The answer to a question, as far as the element reads it; the service sends more. */
export interface Answer {
  question: string;
  query_id: string;
  answered: boolean;
  reason: string | null;
  /** There and true where a part of the archive did not answer. */
  partial?: boolean;
  interpretation: Interpretation;
  passages: Passage[];
  archive: { articles: number; published_from: string | null; published_to: string | null };
  asked_for: { name: string; statements: number; articles: number }[];
  spoken_of_by: string[];
}

/** Forms of one sentence by the plural categories of `Intl.PluralRules`. */
export type Plural = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;

/** All that the element says; `{...}` is put in. */
export interface Strings {
  /** The language of these strings, BCP 47. */
  lang: string;
  label: string;
  placeholder: string;
  submit: string;
  stop: string;
  close: string;
  loading: string;
  plainLink: string;

  found: Plural;
  newest: string;
  noAnswer: string;
  nearest: string;
  partial: string;
  reasons: Record<string, string>;
  quoted: Plural;
  unquoted: string;
  unquotedOthers: string;

  readAs: string;
  by: string;
  byAnyone: string;
  about: string;
  aboutAnything: string;
  dates: string;
  datesFrom: string;
  datesTo: string;
  anyDate: string;
  change: string;
  remove: string;
  speakerField: string;
  topicField: string;
  fromField: string;
  toField: string;
  apply: string;
  cancel: string;
  coverage: Plural;

  saidBy: string;
  writtenBy: string;
  namedIn: string;
  untitled: string;
  corrected: string;
  likely: string;
  alsoIn: string;
  copy: string;
  copied: string;
  copyYourself: string;
  quote: string;
  helpful: string;
  unhelpful: string;
  thanks: string;
  unsent: string;

  errors: Record<ErrorCode, string>;
  retry: string;
  retryIn: Plural;
}

export interface ArchiveAskElement extends HTMLElement {
  /** All strings in force. What is assigned replaces those of its names only. */
  get strings(): Strings;
  set strings(changed: Partial<Strings>);
  readonly state: State;
  /** The last answer. */
  readonly results: Answer | null;
  /** Ask as if the visitor had; settled when the answer, or what went wrong, is shown. */
  ask(question: string): Promise<void>;
  /** Open the dialog; in mode inline, go to the field. */
  open(): void;
  close(): void;
  /** Give up the question under way. */
  abort(): void;
  /** Back to the beginning, without question and results. */
  reset(): void;

  addEventListener<K extends keyof ArchiveAskEventMap>(
    type: K,
    listener: (this: ArchiveAskElement, event: ArchiveAskEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

export interface ArchiveAskConstructor {
  new (): ArchiveAskElement;
  /** Teach all elements a further language, complete; its `lang` says which. */
  addStrings(strings: Strings): void;
}

/** @internal */
export type Piece = Node | string;

/** @internal */
export type Attributes = Record<string, string | number | boolean | null | undefined | ((event: any) => unknown)>;

/** What a question is taken to ask, as a visitor changed it. @internal */
export interface Reading {
  speakers: string[];
  topic: string;
  from: string;
  to: string;
}

/** @internal */
export interface Asked {
  question: string;
  reading?: Reading;
}

/** They bubble, and leave the shadow tree. */
export interface ArchiveAskEventMap extends HTMLElementEventMap {
  "ask-open": CustomEvent<null>;
  "ask-close": CustomEvent<null>;
  /** Cancelled, nothing is asked. */
  "ask-submit": CustomEvent<{ question?: string }>;
  "ask-results": CustomEvent<{ queryId: string; count: number; ms: number; answered: boolean; question?: string }>;
  "ask-error": CustomEvent<{ code: ErrorCode }>;
  /** Cancelled, the link is not followed; not cancelable where it was to open elsewhere, as with Ctrl. */
  "ask-result-click": CustomEvent<{ rank: number; articleId: string }>;
  "ask-copy": CustomEvent<{ rank: number; articleId: string }>;
  /** `rank` is null where the answer as a whole is meant. */
  "ask-feedback": CustomEvent<{ rank: number | null; verdict: Verdict }>;
}

declare global {
  interface HTMLElementTagNameMap {
    "archive-ask": ArchiveAskElement;
  }
  interface CustomElementRegistry {
    get(name: "archive-ask"): ArchiveAskConstructor | undefined;
    whenDefined(name: "archive-ask"): Promise<ArchiveAskConstructor>;
  }
}
