/** A field to search in what is shown. `/` leads to the first one of a page. */
import { useText } from '../text/use-text.ts';
import { CloseIcon, SearchIcon } from './icons.tsx';
import styles from './search-input.module.css';

export interface SearchInputProps {
  /** Its name, for who does not see it, and what stands in it while it is empty. */
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function SearchInput({ label, value, onChange }: SearchInputProps): React.ReactNode {
  const text = useText().parts;
  return (
    <div className={styles.frame}>
      <span className={styles.sign}>
        <SearchIcon />
      </span>
      <input
        aria-label={label}
        autoComplete="off"
        className={styles.input}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') onChange('');
        }}
        placeholder={label}
        spellCheck={false}
        type="search"
        value={value}
      />
      {value !== '' && (
        <button
          aria-label={text.clear}
          className={styles.clear}
          onClick={() => onChange('')}
          type="button"
        >
          <CloseIcon />
        </button>
      )}
    </div>
  );
}
