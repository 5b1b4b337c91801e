/** What both editors take: the one of CodeMirror, and the plain one that is there until it has loaded. */
import type { SyntaxOptions } from '../../../src/promql/parse/syntax-options.ts';
import type { QueryRemarks } from './query-fault-lint.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface EditorControls {
  focus(): void;
  /** At the cursor, in place of what is selected. */
  insert(text: string): void;
  /** False where the text is not a query. */
  format(): boolean;
}

export interface EditorProps {
  readonly value: string;
  readonly label: string;
  readonly onChange: (text: string) => void;
  readonly onRun: (text: string) => void;
  readonly controls: { current: EditorControls | undefined };
  readonly remarks: QueryRemarks;
  readonly history: readonly string[];
  readonly vocabulary: Vocabulary;
  readonly syntax: SyntaxOptions;
  readonly isCompleting: boolean;
  readonly isHighlighting: boolean;
  readonly isLinting: boolean;
}
