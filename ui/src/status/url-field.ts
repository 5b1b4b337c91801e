/** A search parameter of the page's address as a piece of state; the empty text is none. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export function useUrlField(name: string): readonly [string, (value: string) => void] {
  const search = useSearch({ strict: false }) as Readonly<Record<string, string | undefined>>;
  const navigate = useNavigate();
  const change = useCallback(
    (value: string) => {
      void navigate({
        // Only this parameter changes; others of the address stay.
        search: ((old: Record<string, string>) => ({
          ...old,
          [name]: value === '' ? undefined : value,
        })) as never,
        to: '.',
        replace: true,
        resetScroll: false,
      });
    },
    [name, navigate],
  );
  return [search[name] ?? '', change];
}
