/**
 * Faults under the text: those of our own parser while somebody types, and what the server said of this text. Only
 * regular expressions are left to the server: their engine is too heavy for a page.
 */
import { type Diagnostic, forceLinting, linter } from '@codemirror/lint';
import { type Extension, StateEffect } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { SyntaxOptions } from '../../../src/promql/parse/syntax-options.ts';
import { askApi } from '../data/api.ts';
import { ApiFailure } from '../data/api-failure.ts';
import { faultOfMessage, parseQuery, type QueryFault } from './query-faults.ts';

/** What was said of one query: it holds as long as the text is that query. */
export interface QueryRemarks {
  readonly query: string;
  readonly faults: readonly QueryFault[];
}

const QUIET_MS = 400;

const saidAnew = StateEffect.define<null>();

/** Shows what was said now: nothing in the text has changed that would tell the linter. */
export function lintAnew(view: EditorView): void {
  view.dispatch({ effects: saidAnew.of(null) });
  forceLinting(view);
}

export function faultLint(
  syntax: () => SyntaxOptions,
  remarks: () => QueryRemarks,
  isLinting: () => boolean,
): Extension {
  return linter(
    async ({ state }) => {
      const text = state.doc.toString();
      const own = isLinting() ? await ownFaults(text, syntax()) : [];
      const { query, faults } = remarks();
      const said = query === text ? faults.filter((fault) => !isAmong(own, fault)) : [];
      return [...own, ...said].map(diagnosticOf);
    },
    {
      delay: QUIET_MS,
      needsRefresh: ({ transactions }) =>
        transactions.some(({ effects }) => effects.some((effect) => effect.is(saidAnew))),
    },
  );
}

async function ownFaults(text: string, syntax: SyntaxOptions): Promise<readonly QueryFault[]> {
  const parsed = parseQuery(text, syntax);
  if (parsed.kind === 'faulty') return [parsed.fault];
  return parsed.kind === 'parsed' && /[=!]~/.test(text) ? serverFaults(text) : [];
}

/** No answer is no fault: that the server cannot be asked is told where results are. */
async function serverFaults(query: string): Promise<readonly QueryFault[]> {
  try {
    await askApi('/api/v1/parse_query', { query });
    return [];
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    const fault = faultOfMessage(query, error.text);
    return fault === undefined ? [] : [fault];
  }
}

function isAmong(faults: readonly QueryFault[], { from }: QueryFault): boolean {
  return faults.some((other) => other.from === from);
}

function diagnosticOf({ from, to, severity, text }: QueryFault): Diagnostic {
  return { from, to, severity, message: text };
}
