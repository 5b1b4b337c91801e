/** Puts a text into the clipboard, and says for a moment that it has. */
import { useEffect, useState } from 'react';
import { useText } from '../text/use-text.ts';
import styles from './copy-button.module.css';
import { CheckIcon, CopyIcon } from './icons.tsx';

export interface CopyButtonProps {
  readonly text: string;
  /** What is copied; by default the button is called Copy. */
  readonly label?: string;
  /** Shows the label beside the sign. */
  readonly isWide?: boolean;
}

const TOLD_MS = 1500;

export function CopyButton({ text, label, isWide = false }: CopyButtonProps): React.ReactNode {
  const words = useText().parts;
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), TOLD_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const name = isCopied ? words.copied : (label ?? words.copy);
  return (
    <button
      aria-label={name}
      className={styles.button}
      data-copied={isCopied || undefined}
      onClick={(event) => {
        event.stopPropagation();
        void copyText(text).then(() => setCopied(true));
      }}
      title={name}
      type="button"
    >
      {isCopied ? <CheckIcon /> : <CopyIcon />}
      {isWide && name}
    </button>
  );
}

/** Browsers keep their clipboard from pages that came without TLS: these copy from a field as of old. */
export async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.style.position = 'fixed';
  field.style.opacity = '0';
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}
