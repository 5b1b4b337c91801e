/** A plain text field for queries: at once there, until the editor with completion has loaded. */
import { useEffect, useRef } from 'react';
import { useText } from '../text/use-text.ts';
import type { EditorProps } from './editor-props.ts';
import styles from './plain-editor.module.css';

export function PlainEditor({
  value,
  label,
  onChange,
  onRun,
  controls,
}: EditorProps): React.ReactNode {
  const text = useText();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    controls.current = {
      focus: () => field.current?.focus(),
      insert: (inserted) => onChange(`${field.current?.value ?? ''}${inserted}`),
      format: () => false,
    };
  }, [controls, onChange]);
  return (
    <textarea
      ref={field}
      aria-label={label}
      autoCapitalize="off"
      className={styles.field}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
        event.preventDefault();
        onRun(event.currentTarget.value);
      }}
      placeholder={text.editor.placeholder}
      rows={value.split('\n').length}
      spellCheck={false}
      value={value}
    />
  );
}
