/** A short text field that takes what is typed when Enter is pressed or the field is left, and says what is wrong. */
import { TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';

interface TypedFieldProps {
  readonly label: string;
  readonly value: string;
  /** False where the text means nothing: it stays, with `faulty` below. */
  readonly onTake: (typed: string) => boolean;
  readonly faulty: string;
  readonly placeholder?: string;
  readonly className?: string | undefined;
}

export function TypedField(props: TypedFieldProps): React.ReactNode {
  const { label, value, onTake, faulty, placeholder, className } = props;
  const [typed, setTyped] = useState(value);
  const [isFaulty, setFaulty] = useState(false);
  useEffect(() => {
    setTyped(value);
    setFaulty(false);
  }, [value]);
  const take = () => {
    if (typed.trim() === value) return;
    const isTaken = onTake(typed.trim());
    setFaulty(!isTaken);
    if (isTaken) setTyped(value);
  };
  return (
    <TextInput
      aria-label={label}
      autoComplete="off"
      className={className ?? ''}
      error={isFaulty ? faulty : undefined}
      onBlur={take}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take();
        if (event.key === 'Escape') {
          setTyped(value);
          setFaulty(false);
        }
      }}
      placeholder={placeholder ?? ''}
      size="xs"
      spellCheck={false}
      title={isFaulty ? faulty : label}
      value={typed}
    />
  );
}
