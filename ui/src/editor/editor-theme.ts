/** Colours and sizes of the editor, from the page's own variables: they follow the scheme by themselves. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const MONO = 'var(--mantine-font-family-monospace)';

export const editorTheme: Extension = EditorView.theme({
  '&': { fontSize: '14px', backgroundColor: 'transparent', color: 'var(--ink)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: MONO, lineHeight: '22px', maxHeight: '40vh', overflow: 'auto' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--ink)', minHeight: '34px' },
  '.cm-line': { padding: '0 8px' },
  '.cm-placeholder': { color: 'var(--mantine-color-placeholder)' },
  '.cm-snippetField': { backgroundColor: 'var(--surface-pressed)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--accent-soft) !important',
  },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--surface-pressed)',
    outline: '1px solid var(--line-strong)',
  },
  '&.cm-focused .cm-nonmatchingBracket': {
    backgroundColor: 'var(--bad-soft)',
    color: 'var(--bad)',
  },
  '.cm-lintRange-error': underline('var(--bad)'),
  '.cm-lintRange-warning': underline('var(--warn)'),
  '.cm-lintRange-info': underline('var(--accent)'),
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    color: 'var(--ink)',
    border: '1px solid var(--line)',
    borderRadius: '6px',
    boxShadow: '0 6px 24px rgb(0 0 0 / 18%)',
  },
  '.cm-diagnostic': { padding: '6px 10px', borderLeftWidth: '3px', maxWidth: '60ch' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
  '.cm-diagnostic-info': { borderLeftColor: 'var(--accent)' },
  '.cm-tooltip.cm-tooltip-autocomplete': { marginTop: '6px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: MONO,
    fontSize: '13px',
    maxHeight: '320px',
    maxWidth: 'min(640px, 92vw)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    display: 'flex',
    alignItems: 'baseline',
    gap: '8px',
    padding: '3px 8px',
    lineHeight: '20px',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--ink)',
  },
  '.cm-completionIcon': {
    flex: '0 0 16px',
    width: '16px',
    padding: '0',
    opacity: '1',
    fontSize: '12px',
    textAlign: 'center',
    color: 'var(--ink-quiet)',
  },
  ...icons({
    metric: ['M', 'var(--accent)'],
    function: ['ƒ', 'var(--code-function)'],
    aggregation: ['Σ', 'var(--code-function)'],
    snippet: ['…', 'var(--code-function)'],
    keyword: ['k', 'var(--code-keyword)'],
    operator: ['±', 'var(--code-keyword)'],
    label: ['L', 'var(--code-label)'],
    value: ['"', 'var(--code-string)'],
    unit: ['t', 'var(--code-number)'],
    history: ['↺', 'var(--ink-quiet)'],
  }),
  '.cm-completionLabel': { flex: '1 1 auto', overflow: 'hidden', textOverflow: 'ellipsis' },
  '.cm-completionMatchedText': {
    textDecoration: 'none',
    color: 'var(--accent)',
    fontWeight: '650',
  },
  '.cm-completionDetail': {
    flex: '0 0 auto',
    marginLeft: '0',
    fontStyle: 'normal',
    color: 'var(--ink-quiet)',
    fontSize: '12px',
  },
  '.cm-tooltip.cm-completionInfo': {
    maxWidth: 'min(420px, 80vw)',
    padding: '8px 10px',
    fontSize: '13px',
    lineHeight: '1.45',
  },
  '.cm-completionInfo code': { fontFamily: MONO, fontSize: '12.5px', overflowWrap: 'anywhere' },
  '.cm-completionInfo p': { margin: '4px 0 0', color: 'var(--ink-quiet)' },
});

/** On phones the browser zooms into letters below 16 px, and help has no room beside the list. */
export const phoneTheme: Extension = EditorView.theme({
  '&': { fontSize: '16px' },
  '.cm-tooltip.cm-completionInfo': { display: 'none' },
});

type Icons = Readonly<Record<string, readonly [sign: string, colour: string]>>;

function icons(signs: Icons): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(signs).map(([type, [sign, color]]) => [
      `.cm-completionIcon-${type}::after`,
      { content: `'${sign}'`, color },
    ]),
  );
}

function underline(colour: string): Record<string, string> {
  return {
    backgroundImage: 'none',
    textDecoration: `underline wavy ${colour}`,
    textDecorationSkipInk: 'none',
    textUnderlineOffset: '3px',
  };
}

export const highlighting: Extension = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.function(tags.variableName), color: 'var(--code-function)' },
    { tag: tags.operatorKeyword, color: 'var(--code-function)', fontWeight: '600' },
    { tag: [tags.modifier, tags.logicOperator], color: 'var(--code-keyword)' },
    { tag: tags.labelName, color: 'var(--code-label)' },
    { tag: tags.string, color: 'var(--code-string)' },
    { tag: tags.number, color: 'var(--code-number)' },
    { tag: tags.comment, color: 'var(--ink-quiet)', fontStyle: 'italic' },
  ]),
);
