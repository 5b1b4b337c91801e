/** What an answer or a failure says of parts of its query. The parser that finds the parts is fetched when needed. */
import { useEffect, useMemo, useState } from 'react';
import type { SyntaxOptions } from '../../../src/promql/parse/syntax-options.ts';
import type { ApiFailure } from '../data/api-failure.ts';
import type { QueryRemarks } from '../editor/query-fault-lint.ts';
import type { QueryFault } from '../editor/query-faults.ts';
import type { Remark } from './remarks-view.tsx';

type Faults = typeof import('../editor/query-faults.ts');

export interface Said {
  readonly query: string;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly failure: ApiFailure | undefined;
}

export interface FoundRemarks {
  /** For the editor. */
  readonly inQuery: QueryRemarks;
  /** For the list above the result. */
  readonly listed: readonly Remark[];
}

export function useRemarks(said: Said, syntax: SyntaxOptions): FoundRemarks {
  const { query, warnings, infos, failure } = said;
  const isNeeded = warnings.length + infos.length > 0 || failure?.position !== undefined;
  const faults = useFaultFinder(isNeeded);
  return useMemo(() => {
    const remarks = [
      ...warnings.map((text) => ({ severity: 'warning' as const, text })),
      ...infos.map((text) => ({ severity: 'info' as const, text })),
    ];
    const parsed = faults?.parseQuery(query, syntax);
    const expr = parsed?.kind === 'parsed' ? parsed.expr : undefined;
    const found = remarks.map(({ text }) => faults?.faultOfRemark(query, text, expr));
    const failed = failure === undefined ? undefined : faults?.faultOfMessage(query, failure.text);
    return {
      inQuery: { query, faults: [...found, failed].filter((fault) => fault !== undefined) },
      listed: remarks.map((remark, i) => ({ ...remark, part: partOf(query, found[i]) })),
    };
  }, [query, warnings, infos, failure, faults, syntax]);
}

function partOf(query: string, fault: QueryFault | undefined): string | undefined {
  if (fault === undefined) return undefined;
  return query.slice(fault.from, fault.to).replace(/\s+/g, ' ');
}

function useFaultFinder(isNeeded: boolean): Faults | undefined {
  const [faults, setFaults] = useState<Faults | undefined>(undefined);
  useEffect(() => {
    if (!isNeeded || faults !== undefined) return;
    let isGone = false;
    void import('../editor/query-faults.ts').then((loaded) => {
      if (!isGone) setFaults(loaded);
    });
    return () => {
      isGone = true;
    };
  }, [isNeeded, faults]);
  return faults;
}
