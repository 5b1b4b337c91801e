/** The query editor: CodeMirror with completion, faults under the text, history by arrows. Loaded when needed. */
import './editor.css';
import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  completionStatus,
  selectedCompletion,
} from '@codemirror/autocomplete';
import {
  defaultKeymap,
  history,
  historyKeymap,
  insertNewlineAndIndent,
} from '@codemirror/commands';
import { bracketMatching, LRLanguage } from '@codemirror/language';
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state';
import { EditorView, type KeyBinding, keymap, placeholder } from '@codemirror/view';
import { parser } from '@prometheus-io/lezer-promql';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { prettyExpr } from '../../../src/promql/parse/pretty.ts';
import type { SyntaxOptions } from '../../../src/promql/parse/syntax-options.ts';
import { styleNonce } from '../data/server-settings.ts';
import { useText } from '../text/use-text.ts';
import { type CompletionSources, completeQuery } from './complete-query.ts';
import type { EditorProps } from './editor-props.ts';
import { editorTheme, highlighting, phoneTheme } from './editor-theme.ts';
import { faultLint, lintAnew } from './query-fault-lint.ts';
import { parseQuery } from './query-faults.ts';
import { stepThroughHistory } from './query-history.ts';
import { useCompletionSources } from './use-completion-sources.ts';

const promql = LRLanguage.define({
  parser: parser.configure({ top: 'PromQL' }),
  languageData: {
    closeBrackets: { brackets: ['(', '[', '{', "'", '"', '`'] },
    commentTokens: { line: '#' },
  },
});

export function QueryEditor(props: EditorProps): React.ReactNode {
  const { value, remarks, controls, isCompleting, isHighlighting, label } = props;
  const text = useText();
  const sources = useCompletionSources(props);
  const box = useRef<HTMLDivElement>(null);
  const latest = useLatest<Latest>({ props, sources });
  const editor = useRef<Editor | undefined>(undefined);

  useLayoutEffect(() => {
    if (box.current === null) return;
    const opened = openEditor(box.current, latest);
    editor.current = opened;
    return () => {
      opened.view.destroy();
      editor.current = undefined;
    };
  }, [latest]);

  useEffect(() => {
    const { view, looks } = editor.current ?? {};
    const shown = looksOf({ label, hint: text.editor.placeholder, isCompleting, isHighlighting });
    view?.dispatch({
      effects: looks?.reconfigure([shown, completionOf(latest, isCompleting)]) ?? [],
    });
  }, [label, text, isCompleting, isHighlighting, latest]);

  useEffect(() => {
    const view = editor.current?.view;
    if (view !== undefined && view.state.doc.toString() !== value) replaceText(view, value);
  }, [value]);

  // The linter reads the remarks through `latest`; it only has to be woken.
  useEffect(() => {
    const view = editor.current?.view;
    if (view !== undefined && remarks.query === view.state.doc.toString()) lintAnew(view);
  }, [remarks]);

  useEffect(() => {
    controls.current = {
      focus: () => editor.current?.view.focus(),
      insert: (inserted) => insertText(editor.current?.view, inserted),
      format: () => formatText(editor.current?.view, latest.current.props.syntax),
    };
  }, [controls, latest]);

  return <div ref={box} />;
}

interface Latest {
  readonly props: EditorProps;
  readonly sources: CompletionSources;
}

type Ref<T> = { readonly current: T };

interface Editor {
  readonly view: EditorView;
  readonly looks: Compartment;
}

/** A reference whose content is that of the last render: for what lives longer than one. */
function useLatest<T>(value: T): Ref<T> {
  const ref = useRef(value);
  ref.current = value;
  return ref;
}

function openEditor(parent: HTMLElement, latest: Ref<Latest>): Editor {
  const looks = new Compartment();
  const { value } = latest.current.props;
  const extensions = [
    EditorView.cspNonce.of(styleNonce()),
    promql,
    editorTheme,
    isPhone() ? Prec.high(phoneTheme) : [],
    EditorView.lineWrapping,
    history(),
    bracketMatching(),
    closeBrackets(),
    looks.of([]),
    faultLint(
      () => latest.current.props.syntax,
      () => latest.current.props.remarks,
      () => latest.current.props.isLinting,
    ),
    Prec.highest(keymap.of(ownKeys(latest))),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
    EditorView.updateListener.of(({ docChanged, state }) => {
      if (docChanged) latest.current.props.onChange(state.doc.toString());
    }),
  ];
  const view = new EditorView({
    parent,
    state: EditorState.create({ doc: value, selection: { anchor: value.length }, extensions }),
  });
  return { view, looks };
}

interface Looks {
  readonly label: string;
  readonly hint: string;
  readonly isCompleting: boolean;
  readonly isHighlighting: boolean;
}

function looksOf({ label, hint, isHighlighting }: Looks): Extension {
  return [
    isHighlighting ? highlighting : [],
    placeholder(hint),
    EditorView.contentAttributes.of({ 'aria-label': label, autocapitalize: 'off' }),
  ];
}

function completionOf(latest: Ref<Latest>, isCompleting: boolean): Extension {
  if (!isCompleting) return [];
  return [
    promql.data.of({ autocomplete: completeQuery(() => latest.current.sources) }),
    autocompletion({
      activateOnTypingDelay: 5,
      interactionDelay: 0,
      icons: true,
      maxRenderedOptions: 50,
      optionClass: ({ type }) => `cm-option-${type ?? 'word'}`,
    }),
  ];
}

function ownKeys(latest: Ref<Latest>): readonly KeyBinding[] {
  let place = -1;
  let draft = '';
  const walk = (view: EditorView, direction: 'older' | 'newer'): boolean => {
    const { history: queries } = latest.current.props;
    const next = stepThroughHistory(queries, place, direction);
    if (next === place) return place >= 0;
    if (place === -1) draft = view.state.doc.toString();
    place = next;
    replaceText(view, next === -1 ? draft : queries[next]);
    closeCompletion(view);
    return true;
  };
  const run = (view: EditorView): boolean => {
    place = -1;
    closeCompletion(view);
    latest.current.props.onRun(view.state.doc.toString());
    return true;
  };
  return [
    { key: 'Enter', run: (view) => (wantsCompletion(view) && acceptCompletion(view)) || run(view) },
    { key: 'Mod-Enter', run },
    { key: 'Shift-Enter', run: insertNewlineAndIndent },
    { key: 'Tab', run: acceptCompletion },
    { key: 'Shift-Alt-f', run: (view) => formatText(view, latest.current.props.syntax) },
    { key: 'ArrowUp', run: (view) => isAtStart(view, place) && walk(view, 'older') },
    { key: 'ArrowDown', run: (view) => place >= 0 && isFree(view) && walk(view, 'newer') },
  ];
}

/** Names are taken by any of their letters; words of the language only by their beginning. */
const NAMES: readonly (string | undefined)[] = ['metric', 'label', 'value'];

/** Enter takes what is chosen in the list, unless it is written already or hardly meant: then it runs the query. */
function wantsCompletion(view: EditorView): boolean {
  if (completionStatus(view.state) !== 'active') return false;
  const chosen = selectedCompletion(view.state);
  if (chosen === null) return false;
  const { head } = view.state.selection.main;
  const typed = /[\w:]*$/.exec(view.state.sliceDoc(0, head))?.[0] ?? '';
  if (!NAMES.includes(chosen.type) && !chosen.label.startsWith(typed)) return false;
  return typed !== chosen.label;
}

function isFree(view: EditorView): boolean {
  return completionStatus(view.state) === null;
}

/** Where arrow up has nowhere else to go: an empty text, its start, or in the middle of the history. */
function isAtStart(view: EditorView, place: number): boolean {
  if (!isFree(view)) return false;
  const { main } = view.state.selection;
  const isFirst = main.empty && main.head === 0;
  return isFirst || view.state.doc.length === 0 || (place >= 0 && view.state.doc.lines === 1);
}

function replaceText(view: EditorView, insert: string): void {
  view.dispatch({
    changes: { from: 0, to: view.state.doc.length, insert },
    selection: { anchor: insert.length },
    scrollIntoView: true,
  });
}

function insertText(view: EditorView | undefined, inserted: string): void {
  if (view === undefined) return;
  view.dispatch(view.state.replaceSelection(inserted));
  view.focus();
}

/** Writes the query as the server's format_query would; leaves it alone if it is none. */
function formatText(view: EditorView | undefined, syntax: SyntaxOptions): boolean {
  if (view === undefined) return false;
  const parsed = parseQuery(view.state.doc.toString(), syntax);
  if (parsed.kind !== 'parsed') return false;
  replaceText(view, prettyExpr(parsed.expr));
  return true;
}

function isPhone(): boolean {
  return window.matchMedia('(max-width: 640px)').matches;
}
