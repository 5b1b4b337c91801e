/** The query of a panel: the editor, what helps to write it, and the button that runs it. */
import { ActionIcon, Button } from '@mantine/core';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { SyntaxOptions } from '../../../src/promql/parse/syntax-options.ts';
import { useUserSettings } from '../data/user-settings.ts';
import type { EditorControls, EditorProps } from '../editor/editor-props.ts';
import { PlainEditor } from '../editor/plain-editor.tsx';
import type { QueryRemarks } from '../editor/query-fault-lint.ts';
import type { QueryHistory } from '../editor/use-query-history.ts';
import type { Vocabulary } from '../editor/vocabulary.ts';
import { useNotify } from '../parts/notices.ts';
import { useText } from '../text/use-text.ts';
import styles from './explore.module.css';
import { Icon, type IconName } from './icons.tsx';

const QueryEditor = lazy(async () => {
  const { QueryEditor } = await import('../editor/query-editor.tsx');
  return { default: QueryEditor };
});
const MetricsDialog = lazy(async () => {
  const { MetricsDialog } = await import('../editor/metrics-dialog.tsx');
  return { default: MetricsDialog };
});
const HistoryDialog = lazy(async () => {
  const { HistoryDialog } = await import('../editor/history-dialog.tsx');
  return { default: HistoryDialog };
});

interface QueryBarProps {
  /** From 1. */
  readonly number: number;
  readonly expr: string;
  readonly remarks: QueryRemarks;
  readonly vocabulary: Vocabulary;
  readonly history: QueryHistory;
  readonly syntax: SyntaxOptions;
  readonly controls: { current: EditorControls | undefined };
  readonly onRun: (expr: string) => void;
  readonly children: React.ReactNode;
}

export function QueryBar(props: QueryBarProps): React.ReactNode {
  const { number, expr, remarks, vocabulary, history, syntax, controls, onRun } = props;
  const { explore, editor } = useText();
  const [settings] = useUserSettings();
  const [draft, setDraft] = useState(expr);
  useEffect(() => setDraft(expr), [expr]);
  const run = useRef(onRun);
  run.current = onRun;
  const editorProps: EditorProps = {
    value: draft,
    label: editor.label(number),
    onChange: setDraft,
    onRun: (text) => run.current(text),
    controls,
    remarks,
    history: history.queries,
    vocabulary,
    syntax,
    isCompleting: settings.completion,
    isHighlighting: settings.highlighting,
    isLinting: settings.linting,
  };
  return (
    <div className={styles.bar}>
      <div className={styles.editor}>
        <Suspense fallback={<PlainEditor {...editorProps} />}>
          <QueryEditor {...editorProps} />
        </Suspense>
      </div>
      <div className={styles.barTools}>
        <Button
          aria-label={explore.run}
          className={styles.runButton}
          disabled={draft.trim() === '' && expr === ''}
          leftSection={<Icon name="run" size={14} />}
          onClick={() => onRun(draft)}
          size="sm"
        >
          <span className={styles.runText}>{explore.run}</span>
        </Button>
        <EditorTools {...props} draft={draft} onDraft={setDraft} />
        {props.children}
      </div>
    </div>
  );
}

interface EditorToolsProps extends Pick<QueryBarProps, 'controls' | 'vocabulary' | 'history'> {
  readonly draft: string;
  readonly onDraft: (draft: string) => void;
}

function EditorTools(props: EditorToolsProps): React.ReactNode {
  const { controls, vocabulary, history, draft, onDraft } = props;
  const text = useText().editor;
  const notify = useNotify();
  const [dialog, setDialog] = useState<'metrics' | 'history' | undefined>(undefined);
  const close = () => setDialog(undefined);
  const closeAndWrite = () => {
    close();
    requestAnimationFrame(() => controls.current?.focus());
  };
  const format = () => {
    const isDone = controls.current?.format() ?? false;
    if (!isDone && draft.trim() !== '') notify({ state: 'unknown', title: text.cannotFormat });
  };
  return (
    <>
      <Tool icon="format" isDisabled={draft.trim() === ''} label={text.format} onClick={format} />
      <Tool icon="clock" label={text.history} onClick={() => setDialog('history')} />
      <Tool icon="book" label={text.metrics} onClick={() => setDialog('metrics')} />
      <Suspense>
        {dialog === 'metrics' ? (
          <MetricsDialog
            onClose={close}
            onPick={(name) => {
              controls.current?.insert(name);
              closeAndWrite();
            }}
            vocabulary={vocabulary}
          />
        ) : null}
        {dialog === 'history' ? (
          <HistoryDialog
            history={history}
            onClose={close}
            onPick={(query) => {
              onDraft(query);
              closeAndWrite();
            }}
          />
        ) : null}
      </Suspense>
    </>
  );
}

interface ToolProps {
  readonly icon: IconName;
  readonly label: string;
  readonly isDisabled?: boolean;
  readonly onClick: () => void;
}

function Tool({ icon, label, isDisabled = false, onClick }: ToolProps): React.ReactNode {
  return (
    <ActionIcon
      aria-label={label}
      disabled={isDisabled}
      onClick={onClick}
      size={30}
      title={label}
      variant="subtle"
    >
      <Icon name={icon} />
    </ActionIcon>
  );
}
